package io.rejoin.e2e.check;

import io.rejoin.e2e.check.Message.Sight;
import io.rejoin.e2e.check.Observation.Source;
import io.rejoin.e2e.check.Violation.Kind;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Checks the messages of one room: each has one place, each place has one message, and none is missing in the end. */
final class RoomCheck {
    private record Key(String author, @Nullable String id) {}

    /** The last place that a client had at its end. */
    private record Had(String client, long epoch, long seq, long line) {}

    /** Seqs that a resync reported as no longer kept. */
    private record Hole(String client, long epoch, long from, long to, long line) {}

    private final String room;
    private final Findings findings;
    private final Map<Key, Message> messages = new HashMap<>();
    private final Map<Long, Map<Long, Message>> order = new HashMap<>();
    private final List<Had> done = new ArrayList<>();
    private final List<Hole> holes = new ArrayList<>();

    RoomCheck(String room, Findings findings) {
        this.room = room;
        this.findings = findings;
    }

    Collection<Message> messages() {
        return messages.values();
    }

    void invoke(long line, Observation.Invoke invoke) {
        var message = message(invoke.at().user(), invoke.id());
        if (message.invoked.is()) return; // the same post sent again: only its first start counts
        message.invoked = new Sight(line, 0, 0, Message.body(invoke.text()));
        message.invokedAt = invoke.at().t();
    }

    void ok(long line, Observation.Ok ok) {
        var message = message(ok.at().user(), ok.id());
        var sight = new Sight(line, ok.epoch(), ok.seq(), 0);
        if (!message.isOk()) {
            message.ok = sight;
            message.okAt = ok.at().t();
        } else if (!message.ok.isAtPlaceOf(sight)) {
            add(Kind.ACK_DISAGREES, message + " has two acks that differ", message.ok.line(), line);
        }
    }

    void fail(long line, Observation.Fail fail) {
        message(fail.at().user(), fail.id()).failLine = line;
    }

    void unknown(Observation.Unknown unknown) {
        message(unknown.at().user(), unknown.id()).isUnknown = true;
    }

    void delivered(long line, Observation.Deliver deliver) {
        var _ = seen(deliver.author(), deliver.id(),
                new Sight(line, deliver.epoch(), deliver.seq(), Message.body(deliver.text())));
    }

    void finalRead(long line, Observation.FinalRead read) {
        var message = seen(read.author(), read.id(),
                new Sight(line, read.epoch(), read.seq(), Message.body(read.text())));
        message.finalReads |= bit(read.source());
    }

    /** A client has ended, at that place of the room. */
    void done(String client, long epoch, long seq, long line) {
        done.add(new Had(client, epoch, seq, line));
    }

    /** A resync told a client that these seqs are no longer kept. */
    void hole(String client, long epoch, long from, long to, long line) {
        holes.add(new Hole(client, epoch, from, to, line));
    }

    private Message message(String author, @Nullable String id) {
        return messages.computeIfAbsent(new Key(author, id), key -> new Message(key.author, String.valueOf(key.id)));
    }

    private Message seen(String author, @Nullable String id, Sight sight) {
        var message = message(author, id);
        var there = order.computeIfAbsent(sight.epoch(), _ -> new HashMap<>()).putIfAbsent(sight.seq(), message);
        if (there != null && there != message) {
            add(Kind.DIVERGENT, sight.place() + " has two messages, " + there + " and " + message, there.seen.line(),
                    sight.line());
        }
        if (!message.seen.is()) {
            message.seen = sight;
        } else if (!message.seen.isAtPlaceOf(sight)) {
            add(Kind.DUPLICATE, message + " is at two places, " + message.seen.place() + " and " + sight.place(),
                    message.seen.line(), sight.line());
        } else if (message.seen.body() != sight.body()) {
            add(Kind.DIVERGENT, message + " has two different texts", message.seen.line(), sight.line());
        }
        return message;
    }

    /** Judges the room after all lines were read. */
    void finish(Set<Source> required) {
        var last = order.keySet().stream().mapToLong(Long::longValue).max().orElse(0);
        for (var message : messages.values()) {
            if (message.seen.is()) judgeSeen(message);
            if (message.isOk()) judgeOk(message);
            if (message.invoked.is()) judgeFinalReads(message, required, last);
        }
        judgeSenderOrder();
        judgeDone();
        judgeHoles();
    }

    private void judgeSeen(Message message) {
        if (!message.invoked.is()) {
            add(Kind.PHANTOM, message + " was never sent", message.seen.line());
        } else if (message.invoked.body() != message.seen.body()) {
            add(Kind.DIVERGENT, message + " differs from the post", message.invoked.line(), message.seen.line());
        } else if (message.isAborted()) {
            add(Kind.ABORTED_VISIBLE, message + " failed, but was seen", message.failLine,
                    message.seen.line());
        }
    }

    private void judgeOk(Message message) {
        if (!message.invoked.is()) add(Kind.PHANTOM, message + " was acknowledged, but never sent", message.ok.line());
        if (message.seen.is() && !message.seen.isAtPlaceOf(message.ok)) {
            add(Kind.ACK_DISAGREES, message + " has a wrong ack, and is at " + message.seen.place(), message.ok.line(),
                    message.seen.line());
        }
        var there = order.getOrDefault(message.ok.epoch(), Map.of()).get(message.ok.seq());
        if (there != null && there != message) {
            add(Kind.ACK_DISAGREES, "the ack of " + message + " names the place of " + there, message.ok.line(),
                    there.seen.line());
        }
    }

    /**
     * Checks that a message that was acknowledged or seen is in the final reads. Only the topic keeps messages of
     * earlier epochs.
     */
    private void judgeFinalReads(Message message, Set<Source> required, long lastEpoch) {
        if (!message.isOk() && !message.seen.is()) return;
        for (var source : required) {
            var isKept = source == Source.TOPIC || message.place().epoch() >= lastEpoch;
            if (isKept && (message.finalReads & bit(source)) == 0) {
                add(Kind.LOST, message + (message.isOk() ? " was acknowledged" : " was seen")
                        + ", but is missing in the final read of " + source, message.invoked.line(),
                        message.ok.line(), message.seen.line());
            }
        }
    }

    /** Checks the order of each user's posts: a post that began after an ack must stand after the acknowledged post. */
    private void judgeSenderOrder() {
        var byAuthor = new HashMap<String, List<Message>>();
        for (var message : messages.values()) {
            if (message.invoked.is() && message.place().is()) {
                byAuthor.computeIfAbsent(message.author, _ -> new ArrayList<>()).add(message);
            }
        }
        byAuthor.values().forEach(this::judgeSenderOrder);
    }

    private void judgeSenderOrder(List<Message> ofAuthor) {
        var acked = ofAuthor.stream().filter(Message::isOk)
                .sorted(Comparator.comparingLong(message -> message.okAt)).iterator();
        var next = acked.hasNext() ? acked.next() : null;
        Message highest = null;
        ofAuthor.sort(Comparator.comparingLong(message -> message.invokedAt));
        for (var message : ofAuthor) {
            for (; next != null && next.okAt < message.invokedAt; next = acked.hasNext() ? acked.next() : null) {
                if (highest == null || isBeyond(next, highest)) highest = next;
            }
            if (highest != null && highest.place().epoch() == message.place().epoch() && !isBeyond(message, highest)) {
                add(Kind.SENDER_ORDER, message + " was sent after the ack of " + highest + ", but is before it, at "
                        + message.place().place(), highest.ok.line(), message.invoked.line(), message.place().line());
            }
        }
    }

    private static boolean isBeyond(Message one, Message other) {
        var a = one.place();
        var b = other.place();
        return a.epoch() > b.epoch() || (a.epoch() == b.epoch() && a.seq() > b.seq());
    }

    private void judgeDone() {
        Message last = null;
        for (var message : messages.values()) {
            if (message.isOk() && (last == null || isBeyond(message, last))) last = message;
        }
        if (last == null) return;
        var place = last.place();
        for (var had : done) {
            if (had.epoch > place.epoch() || (had.epoch == place.epoch() && had.seq >= place.seq())) continue;
            add(Kind.LOST, had.client + " ended at seq " + had.seq + " of epoch " + had.epoch + " without " + last
                    + " at " + place.place(), last.ok.line(), had.line);
        }
    }

    private void judgeHoles() {
        var history = bit(Source.HISTORY);
        for (var hole : holes) {
            var places = order.getOrDefault(hole.epoch, Map.of());
            for (var message : places.values()) {
                var seq = message.seen.seq();
                if (seq < hole.from || seq > hole.to || (message.finalReads & history) == 0) continue;
                add(Kind.FALSE_UNRECOVERABLE, hole.client + " was told that seq " + hole.from + " to " + hole.to
                        + " are no longer kept, but history has " + message, hole.line, message.seen.line());
                break;
            }
        }
    }

    private static int bit(Source source) {
        return switch (source) {
            case CLIENT -> 1;
            case HISTORY -> 2;
            case TOPIC -> 4;
        };
    }

    private void add(Kind kind, String what, long... lines) {
        findings.add(kind, "room " + room + ": " + what, lines);
    }
}
