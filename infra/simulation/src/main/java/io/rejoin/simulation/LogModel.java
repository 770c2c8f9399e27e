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

/**
 * The facts that follow from the command log. It checks the guarantees that do not depend on which router runs a shard.
 */
final class LogModel {
    /** Identifies a post that a client has sent, perhaps several times. */
    record Post(RoomId room, UserId user, String id) {}

    /**
     * The rules version of a partition.
     *
     * @param since log time from which it applies
     */
    private record Rules(int version, long since) {
        boolean forgetsRooms() {
            return version >= 2;
        }
    }

    private static final long WINDOW_MS = 24L * 60 * 60 * 1000;

    private final Map<RoomId, RoomModel> rooms = new HashMap<>();
    /**
     * What clients sent under one id.
     *
     * @param texts           one text, or several if a client used the id twice by mistake
     * @param confirmWithinMs time for the confirmations; 0 when none is wanted
     */
    private record Tried(Set<String> texts, long confirmWithinMs) {}

    private final Map<Post, Tried> tried = new HashMap<>();
    private final Map<Post, Event.MessagePosted> posted = new HashMap<>();
    private final Set<Post> refused = new HashSet<>();
    private final Set<RoomModel> changed = new HashSet<>();
    private final ConfirmationChecks confirming = new ConfirmationChecks();
    private final Map<RoomId, Long> headsBefore = new HashMap<>();
    private final Map<Integer, Rules> rules = new HashMap<>();
    private boolean forgetsRooms;
    private long latest;

    /** A client is about to send a post for the first time, or another text under its id. */
    void tries(Post post, String text, long confirmWithinMs) {
        tried.computeIfAbsent(post, _ -> new Tried(new HashSet<>(), confirmWithinMs)).texts().add(text);
    }

    ConfirmationChecks confirming() {
        return confirming;
    }

    /** A record was appended. Its events and deliveries follow, then {@link #recordDone}. */
    void recordBegins(int partition, CommandRecord record) {
        var now = rules.merge(partition, new Rules(record.batch().version(), record.ts()),
                (before, shown) -> shown.version() > before.version() ? shown : before);
        forgetsRooms = now.forgetsRooms();
        headsBefore.clear();
        for (var command : record.commands()) {
            if (command instanceof Command.Acknowledge ack) headsBefore.put(ack.room(), head(ack.room()));
            if (command instanceof Command.Forget forget) {
                var room = rooms.get(forget.room()); // such a record has only Forget commands
                if (room != null) room.forget(forget, record.ts(), now.since(), confirming.waitsIn(forget.room()));
            }
        }
    }

    /** A client got a refusal for each time it sent the post, and gives up. */
    void refused(Post post) {
        refused.add(post);
        Violation.unless(!posted.containsKey(post), () -> "a refused post was posted: " + post);
    }

    void happened(Event event) {
        latest = Math.max(latest, event.ts());
        var room = rooms.computeIfAbsent(event.room(), _ -> new RoomModel());
        room.happens(event, epoch(event), forgetsRooms);
        switch (event) {
            case Event.MessagePosted message -> posted(room, message);
            case Event.MemberJoined joined -> {
                Violation.unless(room.users.add(joined.user()), () -> "a user joined twice: " + joined);
                presence(room, joined.count(), joined.version(), joined);
                Violation.unless(room.count == room.users.size(), () -> "wrong member count: " + joined);
            }
            case Event.MemberLeft left -> {
                Violation.unless(room.users.remove(left.user()), () -> "left, but was not in the room: " + left);
                presence(room, left.count(), left.version(), left);
                room.left(forgetsRooms);
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

    /**
     * All events and deliveries of a record have been reported. The events of members who leave together all carry the
     * final count, so only now can the count be checked.
     */
    void recordDone(List<Command> commands) {
        confirming.recordDone(commands, headsBefore, this::epoch);
        for (var room : changed) {
            Violation.unless(room.count == room.users.size(),
                    () -> "wrong member count: " + room.count + " of " + room.users);
        }
        changed.clear();
    }

    void pushed(Delivery delivery) {
        confirming.pushed(delivery);
        if (delivery instanceof Delivery.Joined joined) {
            var room = rooms.get(joined.room()); // in a new room, the event of the join follows this delivery
            var right = room == null || room.epoch() != joined.epoch() ? 0 : room.messages().size();
            Violation.unless(joined.seq() == right, () -> "a join with a wrong seq: " + joined);
        }
    }

    /**
     * The message of that seq.
     *
     * @throws Violation if there is no such message
     */
    Event.MessagePosted message(RoomId room, long epoch, long seq) {
        var messages = Objects.requireNonNull(rooms.get(room), room::key).messages(epoch);
        Violation.unless(seq >= 1 && seq <= messages.size(), () -> "nobody posted " + room.key() + "/" + seq);
        return messages.get((int) seq - 1);
    }

    /** The last seq of a room in its present epoch; 0 without messages. */
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

    /** The users in a room, by the facts. */
    Set<UserId> users(RoomId room) {
        var facts = rooms.get(room);
        return facts == null ? Set.of() : facts.users;
    }

    Set<RoomId> rooms() {
        return rooms.keySet();
    }

    /** Checks that the post of that id has that seq. */
    void checkAck(RoomId room, UserId user, String id, long seq) {
        var facts = rooms.get(room);
        Violation.unless(facts != null && facts.has(seq, id, user),
                () -> id + " of " + user.name() + " has an ack for " + room.key() + "/" + seq + ", but is not there");
    }

    /** Checks an answer: an ack exactly if the message under the post's id has the same content. */
    void checkAnswer(Command.Post post, Delivery answer) {
        var first = posted.get(new Post(post.room(), post.user(), Objects.requireNonNull(post.id())));
        Violation.unless(first != null, () -> "a post has an answer, but no message was posted with its id: " + post);
        var saysTheSame = first != null && first.content().equals(post.content());
        Violation.unless(saysTheSame == answer instanceof Delivery.Acked,
                () -> post + " has the answer " + answer + ", but the message with its id is " + first);
    }

    private void posted(RoomModel room, Event.MessagePosted message) {
        room.messages().add(message);
        Violation.unless(message.seq() == room.messages().size(), () -> "the seq is not the next one: " + message);
        var id = message.id();
        if (id == null) return;
        var post = new Post(message.room(), message.user(), id);
        var right = tried.get(post);
        Violation.unless(right != null && right.texts().contains(message.content().text()),
                () -> "a message that no client sent: " + message);
        Violation.unless(!refused.contains(post), () -> "a refused post was posted: " + message);
        checkFirst(posted.put(post, message), message);
        if (right != null && right.confirmWithinMs() > 0)
            confirming.posted(message, right.confirmWithinMs(), room.users);
    }

    /** Checks that a post is not posted twice. A shard may forget its id after a day, by the latest log time. */
    private void checkFirst(Event.@Nullable MessagePosted before, Event.MessagePosted message) {
        Violation.unless(before == null || latest - before.ts() >= WINDOW_MS,
                () -> "a post was posted twice: " + before + " and " + message);
    }

    private void presence(RoomModel room, int count, long version, Event event) {
        room.count = count;
        changed.add(room);
        // a room that comes back begins above the versions of all forgotten rooms, as clients compare versions
        var isNext = room.isFirstVersion() ? version > room.version : version == room.version + 1;
        Violation.unless(isNext, () -> "the presence version is not the next one: " + event);
        room.version = version;
    }
}
