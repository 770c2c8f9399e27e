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
 * Cursors and confirmations, by the facts: a cursor never goes back and reaches what was acknowledged; a message that has to be
 * confirmed waits for its recipients until their cursors have passed it or it expires, and ends in no other way.
 */
final class Confirming {
    private record Place(RoomId room, long seq) {}

    private record Reader(RoomId room, long epoch, UserId user) {}

    private record Waiting(long expires, Set<UserId> recipients) {}

    /** A confirmation that follows from a fact, and has to be said in the same record. */
    private record Confirmation(Place place, UserId user) {}

    private final Map<Reader, Long> cursors = new HashMap<>();
    private final Map<Place, Waiting> waiting = new HashMap<>();
    private final Set<Confirmation> toBeSaid = new HashSet<>();

    /** How far a user has acknowledged an epoch of a room; 0 for nothing. */
    long cursor(RoomId room, long epoch, UserId user) {
        return cursors.getOrDefault(new Reader(room, epoch, user), 0L);
    }

    /** Whether a user has acknowledged a message of that place, in whatever epoch. */
    boolean hasAcknowledged(RoomId room, UserId user, long seq) {
        return cursors.entrySet().stream().anyMatch(entry -> entry.getKey().room().equals(room)
                && entry.getKey().user().equals(user) && entry.getValue() >= seq);
    }

    /** Whether something in a room is still to be confirmed. */
    boolean waitsIn(RoomId room) {
        return waiting.keySet().stream().anyMatch(place -> place.room().equals(room));
    }

    /** A message has its place, and has to be confirmed. */
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
                () -> "a cursor goes back or too far: " + moved);
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
                () -> "expired too early, or twice, or for others than " + left + ": " + expired);
    }

    void pushed(Delivery delivery) {
        switch (delivery) {
            case Delivery.Confirmed(var room, _, var seq, _, var user) ->
                Violation.unless(toBeSaid.remove(new Confirmation(new Place(room, seq), user)),
                        () -> "confirmed, and was not: " + delivery);
            case Delivery.Joined _,Delivery.Message _,Delivery.Acked _,Delivery.Refused _,Delivery.Cursor _,Delivery.Acknowledged _,Delivery.Redeliver _,Delivery.Expired _,Delivery.Presence _,Delivery.MemberList _,Delivery.GivenUp _ -> {
                // says nothing new of this
            }
        }
    }

    /** A message is said again, beside the order of the log: harmless as long as it is one that exists. */
    void redelivered(Delivery.Redeliver again, long head) {
        Violation.unless(again.seq() >= 1 && again.seq() <= head, () -> "nobody posted what is said again: " + again);
    }

    /** All that follows from a record has happened. */
    void recordDone(List<Command> commands, Map<RoomId, Long> headsBefore, ToLongFunction<RoomId> epochs) {
        Violation.unless(toBeSaid.isEmpty(), () -> "confirmed, and not said: " + toBeSaid);
        for (var command : commands) {
            if (!(command instanceof Command.Acknowledge ack)) continue;
            var epoch = epochs.applyAsLong(ack.room());
            if (ack.epoch() != null && ack.epoch() != epoch) continue;
            var reached = Math.min(ack.seq(), headsBefore.getOrDefault(ack.room(), 0L));
            Violation.unless(cursor(ack.room(), epoch, ack.user()) >= reached,
                    () -> "the cursor does not move: " + ack);
        }
    }

    /** Nothing waits any more. */
    void checkNothingWaits() {
        Violation.unless(waiting.isEmpty(), () -> "neither confirmed nor expired: " + waiting.entrySet().stream()
                .map(Objects::toString).limit(3).collect(Collectors.joining(", ")));
    }
}
