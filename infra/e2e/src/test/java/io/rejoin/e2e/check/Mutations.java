package io.rejoin.e2e.check;

import io.rejoin.contracts.client.ServerFrame.Action;
import io.rejoin.contracts.client.ServerFrame.Outcome;
import io.rejoin.e2e.check.Observation.Deliver;
import io.rejoin.e2e.check.Observation.FinalRead;
import io.rejoin.e2e.check.Observation.Invoke;
import io.rejoin.e2e.check.Observation.Ok;
import io.rejoin.e2e.check.Observation.Resync;
import io.rejoin.e2e.check.Observation.Source;
import io.rejoin.e2e.check.Observation.Unknown;
import io.rejoin.e2e.check.Violation.Kind;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** Ways to break a promise; each changes one place of a good history. */
final class Mutations {
    /**
     * One way to break a promise.
     *
     * @param expected at least one of these kinds must be found
     */
    record Mutation(String name, Set<Kind> expected, Consumer<Altered> change) {
        @Override
        public String toString() {
            return name;
        }
    }

    static final List<Mutation> ALL = List.of(
            of("a delivery is missing", Mutations::dropDelivery, Kind.GAP, Kind.LOST),
            of("two deliveries are swapped", Mutations::swapDeliveries, Kind.NON_MONOTONIC),
            of("a delivery comes twice", Mutations::repeatDelivery, Kind.DUPLICATE),
            of("a delivery has another seq", Mutations::renumber, Kind.DUPLICATE),
            of("a delivery has another text", Mutations::changeBody, Kind.DIVERGENT),
            of("a delivery has the id of another", Mutations::changeId, Kind.DIVERGENT),
            of("a connection falls silent", Mutations::silence, Kind.LOST, Kind.GAP),
            of("a new epoch is not announced", Mutations::hideNewEpoch, Kind.GAP),
            of("a resync says full and is not", Mutations::hideMissed, Kind.GAP),
            of("unrecoverable for no reason", Mutations::falselyUnrecoverable, Kind.FALSE_UNRECOVERABLE),
            of("partial for no reason", Mutations::falselyPartial, Kind.FALSE_UNRECOVERABLE),
            of("missing for a new client", altered -> loseRead(altered, Source.CLIENT), Kind.LOST),
            of("missing in history", altered -> loseRead(altered, Source.HISTORY), Kind.LOST),
            of("missing in the topic", altered -> loseRead(altered, Source.TOPIC), Kind.LOST),
            of("acknowledged and gone everywhere", Mutations::loseEverywhere, Kind.LOST),
            of("a message nobody sent is stored", Mutations::inventStored, Kind.PHANTOM),
            of("a message nobody sent is delivered", Mutations::inventDelivered, Kind.PHANTOM),
            of("a failed message is seen", Mutations::failVisible, Kind.ABORTED_VISIBLE),
            of("a message is stored twice", Mutations::storeTwice, Kind.DUPLICATE),
            of("an ack names another seq", Mutations::misplaceAck, Kind.ACK_DISAGREES),
            of("two acks differ", Mutations::contradictAck, Kind.ACK_DISAGREES),
            of("a later post comes first", Mutations::reorderPosts, Kind.SENDER_ORDER),
            of("a ghost in the end", Mutations::ghost, Kind.PRESENCE),
            of("somebody unseen in the end", Mutations::unseen, Kind.PRESENCE),
            of("somebody live is shown as gone", Mutations::falseLeave, Kind.PRESENCE));

    private Mutations() {}

    private static Mutation of(String name, Consumer<Altered> change, Kind... expected) {
        return new Mutation(name, Set.of(expected), change);
    }

    private static void dropDelivery(Altered altered) {
        altered.remove(altered.anyDelivery());
    }

    private static void swapDeliveries(Altered altered) {
        var first = altered.any(Deliver.class, each -> !each.isRedelivered() && altered.next(each) != null);
        altered.swap(first, Objects.requireNonNull(altered.next(first)));
    }

    private static void repeatDelivery(Altered altered) {
        var delivery = altered.anyDelivery();
        altered.insertAfter(delivery, delivery);
    }

    private static void renumber(Altered altered) {
        var delivery = altered.anyDelivery();
        altered.replace(delivery,
                Altered.with(delivery, delivery.seq() + 1_000_000, delivery.id(), delivery.text()));
    }

    private static void changeBody(Altered altered) {
        var delivery = altered.anyDelivery();
        altered.replace(delivery, Altered.with(delivery, delivery.seq(), delivery.id(), "something else"));
    }

    private static void changeId(Altered altered) {
        var delivery = altered.any(Deliver.class, each -> each.seq() > 1);
        var other = altered.any(Deliver.class,
                each -> each.author().equals(delivery.author()) && !Objects.equals(each.id(), delivery.id()));
        altered.replace(delivery, Altered.with(delivery, delivery.seq(), other.id(), other.text()));
    }

    private static void silence(Altered altered) {
        var joined = altered.any(Observation.Joined.class, each -> !altered.all(Deliver.class,
                delivery -> isOn(delivery, each) && !delivery.isRedelivered()).isEmpty());
        altered.removeIf(each -> each instanceof Deliver delivery && isOn(delivery, joined));
    }

    private static boolean isOn(Observation line, Observation.Joined joined) {
        return line.at().client().equals(joined.at().client()) && line.at().conn() == joined.at().conn();
    }

    private static void hideNewEpoch(Altered altered) {
        altered.remove(altered.any(Resync.class, each -> each.outcome() == Outcome.UNRECOVERABLE));
    }

    private static void hideMissed(Altered altered) {
        var resync = altered.any(Resync.class, Mutations::broughtSomething);
        altered.removeIf(each -> each instanceof Deliver delivery && isMissed(delivery, resync)
                && delivery.seq() == resync.from());
    }

    private static boolean broughtSomething(Resync resync) {
        return resync.outcome() == Outcome.FULL && resync.to() >= resync.from();
    }

    private static boolean isMissed(Deliver delivery, Resync resync) {
        return delivery.at().client().equals(resync.at().client()) && delivery.at().conn() == resync.at().conn()
                && delivery.at().t() < resync.at().t();
    }

    private static void falselyUnrecoverable(Altered altered) {
        var resync = altered.any(Resync.class, Mutations::broughtSomething);
        altered.removeIf(each -> each instanceof Deliver delivery && isMissed(delivery, resync));
        altered.replace(resync, new Resync(resync.at(), resync.room(), resync.to() + 1, resync.to(),
                Outcome.UNRECOVERABLE));
    }

    private static void falselyPartial(Altered altered) {
        var last = altered.all(FinalRead.class, each -> each.source() == Source.HISTORY).getFirst();
        var resync = altered.any(Resync.class,
                each -> broughtSomething(each) && each.at().t() > begin(altered, last.epoch(), each.room()));
        altered.removeIf(each -> each instanceof Deliver delivery && isMissed(delivery, resync)
                && delivery.seq() == resync.from());
        altered.replace(resync, new Resync(resync.at(), resync.room(), resync.from() + 1, resync.to(),
                Outcome.PARTIAL));
    }

    /** The time when a room's last epoch began: the epoch that the final read of history covers. */
    private static long begin(Altered altered, long epoch, String room) {
        return altered.all(Observation.Joined.class, each -> each.room().equals(room))
                .stream().filter(each -> each.epoch() == (room.equals("a") ? epoch : 1)).findFirst().orElseThrow().at()
                .t();
    }

    private static void loseRead(Altered altered, Source source) {
        altered.remove(altered.any(FinalRead.class, each -> each.source() == source));
    }

    private static void loseEverywhere(Altered altered) {
        var ok = altered.any(Ok.class, _ -> true);
        altered.removeIf(each -> switch (each) {
            case Deliver delivery -> ok.id().equals(delivery.id());
            case FinalRead read -> ok.id().equals(read.id());
            default -> false;
        });
    }

    private static void inventStored(Altered altered) {
        var last = altered.any(FinalRead.class, each -> each.source() == Source.TOPIC);
        altered.insertAfter(last, Altered.with(last, 1_000_000, "invented", "invented"));
    }

    private static void inventDelivered(Altered altered) {
        var delivery = altered.anyDelivery();
        altered.insertAfter(delivery, Altered.with(delivery, delivery.seq() + 1, "invented", "invented"));
    }

    private static void failVisible(Altered altered) {
        var seen = altered.all(FinalRead.class, _ -> true).stream().map(FinalRead::id).collect(Collectors.toSet());
        var acknowledged = altered.all(Ok.class, _ -> true).stream().map(Ok::id).collect(Collectors.toSet());
        var unknown = altered.any(Unknown.class,
                each -> seen.contains(each.id()) && !acknowledged.contains(each.id()));
        altered.replaceAll(each -> each instanceof Unknown same && same.id().equals(unknown.id())
                ? new Observation.Fail(same.at(), same.room(), same.id(), "overloaded")
                : each);
    }

    private static void storeTwice(Altered altered) {
        var read = altered.any(FinalRead.class, each -> each.source() == Source.TOPIC);
        altered.insertAfter(read,
                Altered.with(read, read.seq() + 1_000_000, Objects.requireNonNull(read.id()), read.text()));
    }

    private static void misplaceAck(Altered altered) {
        var ok = altered.any(Ok.class, _ -> true);
        altered.replace(ok, moved(ok));
    }

    private static void contradictAck(Altered altered) {
        var ok = altered.any(Ok.class, _ -> true);
        altered.insertAfter(ok, moved(ok));
    }

    private static Ok moved(Ok ok) {
        return new Ok(ok.at(), ok.room(), ok.id(), ok.seq() + 1, ok.epoch(), ok.duplicate());
    }

    /** Swaps two successive posts of a user everywhere. */
    private static void reorderPosts(Altered altered) {
        var first = altered.any(Ok.class, each -> later(altered, each) != null);
        var second = Objects.requireNonNull(later(altered, first));
        altered.replaceAll(each -> switch (each) {
            case Ok ok when ok.id().equals(first.id()) -> at(ok, second.seq());
            case Ok ok when ok.id().equals(second.id()) -> at(ok, first.seq());
            case Deliver delivery when first.id().equals(delivery.id()) ->
                Altered.with(delivery, delivery.seq(), second.id(), "text of " + second.id());
            case Deliver delivery when second.id().equals(delivery.id()) ->
                Altered.with(delivery, delivery.seq(), first.id(), "text of " + first.id());
            case FinalRead read when first.id().equals(read.id()) ->
                Altered.with(read, read.seq(), second.id(), "text of " + second.id());
            case FinalRead read when second.id().equals(read.id()) ->
                Altered.with(read, read.seq(), first.id(), "text of " + first.id());
            default -> each;
        });
    }

    private static Ok at(Ok ok, long seq) {
        return new Ok(ok.at(), ok.room(), ok.id(), seq, ok.epoch(), ok.duplicate());
    }

    /** An ack of a post that the same user began after that ack. */
    private static @org.jspecify.annotations.Nullable Ok later(Altered altered, Ok ok) {
        var begun = altered.all(Invoke.class,
                each -> each.at().user().equals(ok.at().user()) && each.at().t() > ok.at().t()).stream()
                .map(Invoke::id).collect(Collectors.toSet());
        return altered.all(Ok.class, each -> begun.contains(each.id()) && each.epoch() == ok.epoch()).stream()
                .findFirst().orElse(null);
    }

    private static void ghost(Altered altered) {
        var presence = altered.any(Observation.FinalPresence.class, _ -> true);
        var members = new java.util.ArrayList<>(presence.members());
        members.add("ghost");
        altered.replace(presence,
                new Observation.FinalPresence(presence.at(), presence.room(), members, presence.count() + 1));
    }

    private static void unseen(Altered altered) {
        var presence = altered.any(Observation.FinalPresence.class, _ -> true);
        var members = presence.members().subList(1, presence.count());
        altered.replace(presence,
                new Observation.FinalPresence(presence.at(), presence.room(), members, presence.count() - 1));
    }

    private static void falseLeave(Altered altered) {
        var joined = altered.any(Observation.Joined.class,
                each -> each.version() != null && altered.end(each.at()) - each.at().t() > 2_000_000_000L);
        var version = Objects.requireNonNull(joined.version());
        altered.insertAfter(joined, new Observation.Presence(joined.at(), joined.room(), joined.at().user(),
                Action.LEAVE, joined.count() - 1, version + 1));
    }
}
