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
import java.util.NavigableSet;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What is true by the command log, and whether it makes sense: the guarantees that do not depend on who runs a shard. */
final class Facts {
    /** A post that a client has tried. */
    record Post(RoomId room, UserId user, String id) {}

    /** What happened in a room. */
    private static final class RoomFacts {
        final List<Event.MessagePosted> messages = new ArrayList<>();
        final NavigableSet<UserId> users = new TreeSet<>();
        long version;
        int count;
    }

    private static final long WINDOW_MS = 24L * 60 * 60 * 1000;

    private final Map<RoomId, RoomFacts> rooms = new HashMap<>();
    /** What was tried under an id: one text, or by mistake several; and how long it is to be confirmed in, 0 if nobody has to. */
    private record Tried(Set<String> texts, long confirmWithinMs) {}

    private final Map<Post, Tried> tried = new HashMap<>();
    private final Map<Post, Event.MessagePosted> posted = new HashMap<>();
    private final Set<Post> refused = new HashSet<>();
    private final Set<RoomFacts> changed = new HashSet<>();
    private final Confirming confirming = new Confirming();
    private final Map<RoomId, Long> headsBefore = new HashMap<>();
    private long latest;

    /** A client is about to try a post, perhaps again. */
    void tries(Post post, String text, long confirmWithinMs) {
        tried.computeIfAbsent(post, _ -> new Tried(new HashSet<>(), confirmWithinMs)).texts().add(text);
    }

    Confirming confirming() {
        return confirming;
    }

    /** What follows from these commands comes next. */
    void recordBegins(List<Command> commands) {
        headsBefore.clear();
        for (var command : commands) {
            if (command instanceof Command.Acknowledge ack) headsBefore.put(ack.room(), head(ack.room()));
        }
    }

    /** A client was told of each of its tries that nothing was done, and gives up. */
    void refused(Post post) {
        refused.add(post);
        Violation.unless(!posted.containsKey(post), () -> "refused, but posted: " + post);
    }

    void happened(Event event) {
        latest = Math.max(latest, event.ts());
        var room = rooms.computeIfAbsent(event.room(), _ -> new RoomFacts());
        switch (event) {
            case Event.MessagePosted message -> posted(room, message);
            case Event.MemberJoined joined -> {
                Violation.unless(room.users.add(joined.user()), () -> "came in twice: " + joined);
                presence(room, joined.count(), joined.version(), joined);
                Violation.unless(room.count == room.users.size(), () -> "wrong count: " + joined);
            }
            case Event.MemberLeft left -> {
                Violation.unless(room.users.remove(left.user()), () -> "left without having been there: " + left);
                presence(room, left.count(), left.version(), left);
            }
            case Event.CursorMoved moved -> confirming.moved(moved, room.messages.size());
            case Event.ConfirmationExpired expired -> confirming.expired(expired);
        }
    }

    /** All that follows from a record has happened. Of those who leave together each carries the count of the end. */
    void recordDone(List<Command> commands) {
        confirming.recordDone(commands, headsBefore);
        for (var room : changed) {
            Violation.unless(room.count == room.users.size(),
                    () -> "a wrong count: " + room.count + " of " + room.users);
        }
        changed.clear();
    }

    void pushed(Delivery delivery) {
        confirming.pushed(delivery);
        if (delivery instanceof Delivery.Acked acked) checkAck(acked.room(), acked.id(), acked.seq());
        if (delivery instanceof Delivery.Joined joined) {
            var room = rooms.get(joined.room());
            Violation.unless(joined.seq() == (room == null ? 0 : room.messages.size()),
                    () -> "joined at a wrong seq: " + joined);
        }
    }

    /** The message of that seq. */
    Event.MessagePosted message(RoomId room, long seq) {
        var messages = Objects.requireNonNull(rooms.get(room), room::key).messages;
        Violation.unless(seq >= 1 && seq <= messages.size(), () -> "nobody posted " + room.key() + "/" + seq);
        return messages.get((int) seq - 1);
    }

    /** The last seq of a room; 0 without messages. */
    long head(RoomId room) {
        var facts = rooms.get(room);
        return facts == null ? 0 : facts.messages.size();
    }

    /** Who is in a room, by the facts. */
    Set<UserId> users(RoomId room) {
        var facts = rooms.get(room);
        return facts == null ? Set.of() : facts.users;
    }

    Set<RoomId> rooms() {
        return rooms.keySet();
    }

    /** The post of that id has that seq. */
    void checkAck(RoomId room, String id, long seq) {
        Violation.unless(id.equals(message(room, seq).id()),
                () -> id + " is acked as " + room.key() + "/" + seq + ", which is " + message(room, seq));
    }

    /** Whether a post is answered for what it says, and not for another one under its id. */
    void checkAnswer(Command.Post post, Delivery answer) {
        var first = posted.get(new Post(post.room(), post.user(), Objects.requireNonNull(post.id())));
        Violation.unless(first != null, () -> "answered, but nothing was posted under its id: " + post);
        var saysTheSame = first != null && first.content().equals(post.content());
        Violation.unless(saysTheSame == answer instanceof Delivery.Acked,
                () -> post + " is answered with " + answer + ", under its id stands " + first);
    }

    private void posted(RoomFacts room, Event.MessagePosted message) {
        room.messages.add(message);
        Violation.unless(message.seq() == room.messages.size(), () -> "seq is not the next: " + message);
        Violation.unless(message.epoch() == room.messages.getFirst().epoch(), () -> "another epoch: " + message);
        var id = message.id();
        if (id == null) return;
        var post = new Post(message.room(), message.user(), id);
        var right = tried.get(post);
        Violation.unless(right != null && right.texts().contains(message.content().text()),
                () -> "nobody wrote that: " + message);
        Violation.unless(!refused.contains(post), () -> "refused, but posted: " + message);
        checkFirst(posted.put(post, message), message);
        if (right != null && right.confirmWithinMs() > 0)
            confirming.posted(message, right.confirmWithinMs(), room.users);
    }

    /** Forgetting is fine after a day, by the latest time the log has seen. */
    private void checkFirst(Event.@Nullable MessagePosted before, Event.MessagePosted message) {
        Violation.unless(before == null || latest - before.ts() >= WINDOW_MS,
                () -> "posted twice: " + before + " and " + message);
    }

    private void presence(RoomFacts room, int count, long version, Event event) {
        room.count = count;
        changed.add(room);
        Violation.unless(version == ++room.version, () -> "presence version is not the next: " + event);
    }
}
