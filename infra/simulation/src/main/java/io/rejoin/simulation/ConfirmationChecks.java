package io.rejoin.simulation;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.ToLongFunction;
import java.util.stream.Collectors;

/**
 * Checks cursors and confirmations against the facts. A cursor never goes back, and reaches each acknowledged seq. A
 * message with confirmation waits for its recipients until their cursors have passed it, or until it expires.
 */
final class ConfirmationChecks {
    private record Place(RoomId room, long seq) {}

    private record Reader(RoomId room, long epoch, UserId user) {}

    private record Waiting(long expires, Set<UserId> recipients) {}

    /** A confirmation that follows from a cursor move. The same record has to bring its delivery. */
    private record Confirmation(Place place, UserId user) {}

    private final Map<Reader, Long> cursors = new HashMap<>();
    private final Map<Place, Waiting> waiting = new HashMap<>();
    private final Set<Confirmation> toBeSaid = new HashSet<>();

    /** A user's cursor in an epoch of a room; 0 for none. */
    long cursor(RoomId room, long epoch, UserId user) {
        return cursors.getOrDefault(new Reader(room, epoch, user), 0L);
    }

    /** Whether a user has acknowledged a message of that seq, in any epoch. */
    boolean hasAcknowledged(RoomId room, UserId user, long seq) {
        return cursors.entrySet().stream().anyMatch(entry -> entry.getKey().room().equals(room)
                && entry.getKey().user().equals(user) && entry.getValue() >= seq);
    }

    /** Whether a message in a room waits for a confirmation. */
    boolean waitsIn(RoomId room) {
        return waiting.keySet().stream().anyMatch(place -> place.room().equals(room));
    }

    /**
     * A message with confirmation was posted.
     *
     * @param present the members of the room
     */
    void posted(Event.MessagePosted message, long withinMs, Set<UserId> present) {
        var room = message.room();
        var recipients = new TreeSet<>(room.isPersonal() ? Set.of(room.owner()) : present);
        if (!room.isPersonal()) recipients.remove(message.user());
        if (recipients.isEmpty()) return;
        waiting.put(new Place(room, message.seq()), new Waiting(message.ts() + withinMs, recipients));
    }

    void moved(Event.CursorMoved moved, long head) {
        var reader = new Reader(moved.room(), moved.epoch(), moved.user());
        Violation.unless(moved.seq() > cursor(moved.room(), moved.epoch(), moved.user()) && moved.seq() <= head,
                () -> "a cursor moves back, or beyond the last message: " + moved);
        cursors.put(reader, moved.seq());
        var confirmed = new ArrayList<Place>();
        waiting.forEach((place, left) -> {
            if (!place.room().equals(moved.room()) || place.seq() > moved.seq()) return;
            if (!left.recipients().remove(moved.user())) return;
            toBeSaid.add(new Confirmation(place, moved.user()));
            if (left.recipients().isEmpty()) confirmed.add(place);
        });
        confirmed.forEach(waiting::remove);
    }

    void expired(Event.ConfirmationExpired expired) {
        var left = waiting.remove(new Place(expired.room(), expired.seq()));
        Violation.unless(left != null && left.expires() <= expired.ts()
                && List.copyOf(left.recipients()).equals(expired.recipients()),
                () -> "expired too early, twice, or for other recipients than " + left + ": " + expired);
    }

    void pushed(Delivery delivery) {
        switch (delivery) {
            case Delivery.Confirmed(var room, _, var seq, _, var user) ->
                Violation.unless(toBeSaid.remove(new Confirmation(new Place(room, seq), user)),
                        () -> "a delivery reports a confirmation that did not happen: " + delivery);
            case Delivery.Joined _,Delivery.Message _,Delivery.Acked _,Delivery.Refused _,Delivery.Cursor _,Delivery.Acknowledged _,Delivery.Redeliver _,Delivery.Expired _,Delivery.Presence _,Delivery.MemberList _,Delivery.GivenUp _ -> {
                // no confirmation
            }
        }
    }

    /** Checks a redelivery. It is outside the order of the log, and harmless as long as its message exists. */
    void redelivered(Delivery.Redeliver again, long head) {
        Violation.unless(again.seq() >= 1 && again.seq() <= head, () -> "redelivered, but never posted: " + again);
    }

    /**
     * All events and deliveries of a record have been reported.
     *
     * @param headsBefore the last seq of each acknowledged room before the record
     * @param epochs      the present epoch of a room
     */
    void recordDone(List<Command> commands, Map<RoomId, Long> headsBefore, ToLongFunction<RoomId> epochs) {
        Violation.unless(toBeSaid.isEmpty(), () -> "confirmations without a delivery: " + toBeSaid);
        for (var command : commands) {
            if (!(command instanceof Command.Acknowledge ack)) continue;
            var epoch = epochs.applyAsLong(ack.room());
            if (ack.epoch() != null && ack.epoch() != epoch) continue;
            var reached = Math.min(ack.seq(), headsBefore.getOrDefault(ack.room(), 0L));
            Violation.unless(cursor(ack.room(), epoch, ack.user()) >= reached,
                    () -> "an ack does not move the cursor: " + ack);
        }
    }

    /** Checks that no message waits for a confirmation. */
    void checkNothingWaits() {
        Violation.unless(waiting.isEmpty(), () -> "neither confirmed nor expired: " + waiting.entrySet().stream()
                .map(Objects::toString).limit(3).collect(Collectors.joining(", ")));
    }
}
