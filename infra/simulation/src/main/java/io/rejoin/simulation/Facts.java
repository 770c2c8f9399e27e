package io.rejoin.simulation;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What is true by the command log, and whether it makes sense: the guarantees that do not depend on who runs a shard. */
final class Facts {
    /** A post that a client has tried. */
    record Post(RoomId room, UserId user, String id) {}

    /** By which rules a partition goes, and since when. */
    private record Rules(int version, long since) {
        boolean vanishing() {
            return version >= 2;
        }
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
    private final Map<Integer, Rules> rules = new HashMap<>();
    private boolean vanishing;
    private long latest;

    /** A client is about to try a post, perhaps again. */
    void tries(Post post, String text, long confirmWithinMs) {
        tried.computeIfAbsent(post, _ -> new Tried(new HashSet<>(), confirmWithinMs)).texts().add(text);
    }

    Confirming confirming() {
        return confirming;
    }

    /** What follows from these commands comes next. */
    void recordBegins(int partition, CommandRecord record) {
        var now = rules.merge(partition, new Rules(record.batch().version(), record.ts()),
                (before, shown) -> shown.version() > before.version() ? shown : before);
        vanishing = now.vanishing();
        headsBefore.clear();
        for (var command : record.commands()) {
            if (command instanceof Command.Acknowledge ack) headsBefore.put(ack.room(), head(ack.room()));
            if (command instanceof Command.Forget forget) {
                var room = rooms.get(forget.room()); // routers say nothing else beside it
                if (room != null) room.forget(forget, record.ts(), now.since(), confirming.waitsIn(forget.room()));
            }
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
        room.happens(event, epoch(event), vanishing);
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
                room.left(vanishing);
            }
            case Event.CursorMoved moved -> confirming.moved(moved, room.messages().size());
            case Event.ConfirmationExpired expired -> confirming.expired(expired);
        }
    }

    private static long epoch(Event event) {
        return switch (event) {
            case Event.MessagePosted posted -> posted.epoch();
            case Event.MemberJoined joined -> joined.epoch();
            case Event.MemberLeft left -> left.epoch();
            case Event.CursorMoved moved -> moved.epoch();
            case Event.ConfirmationExpired expired -> expired.epoch();
        };
    }

    /** All that follows from a record has happened. Of those who leave together each carries the count of the end. */
    void recordDone(List<Command> commands) {
        confirming.recordDone(commands, headsBefore, this::epoch);
        for (var room : changed) {
            Violation.unless(room.count == room.users.size(),
                    () -> "a wrong count: " + room.count + " of " + room.users);
        }
        changed.clear();
    }

    void pushed(Delivery delivery) {
        confirming.pushed(delivery);
        if (delivery instanceof Delivery.Joined joined) {
            var room = rooms.get(joined.room()); // if it began just now, the fact of that comes next
            var right = room == null || room.epoch() != joined.epoch() ? 0 : room.messages().size();
            Violation.unless(joined.seq() == right, () -> "joined at a wrong seq: " + joined);
        }
    }

    /** The message of that seq. */
    Event.MessagePosted message(RoomId room, long epoch, long seq) {
        var messages = Objects.requireNonNull(rooms.get(room), room::key).messages(epoch);
        Violation.unless(seq >= 1 && seq <= messages.size(), () -> "nobody posted " + room.key() + "/" + seq);
        return messages.get((int) seq - 1);
    }

    /** The last seq of a room; 0 without messages. */
    long head(RoomId room) {
        var facts = rooms.get(room);
        return facts == null ? 0 : facts.head();
    }

    /** The last seq of an epoch of a room. */
    long head(RoomId room, long epoch) {
        var facts = rooms.get(room);
        return facts == null ? 0 : facts.messages(epoch).size();
    }

    private long epoch(RoomId room) {
        var facts = rooms.get(room);
        return facts == null ? 0 : facts.epoch();
    }

    boolean isLife(RoomId room, long epoch) {
        var facts = rooms.get(room);
        return facts != null && facts.isLife(epoch);
    }

    Iterable<Long> epochs(RoomId room) {
        return Objects.requireNonNull(rooms.get(room)).epochs();
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
    void checkAck(RoomId room, UserId user, String id, long seq) {
        var facts = rooms.get(room);
        Violation.unless(facts != null && facts.has(seq, id, user),
                () -> id + " of " + user.name() + " is acked as " + room.key() + "/" + seq + ", which it is not");
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
        room.messages().add(message);
        Violation.unless(message.seq() == room.messages().size(), () -> "seq is not the next: " + message);
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
        // a room that was gone goes on after the versions of all that are gone: who was in it before compares
        var isNext = room.isFirstVersion() ? version > room.version : version == room.version + 1;
        Violation.unless(isNext, () -> "presence version is not the next: " + event);
        room.version = version;
    }
}
