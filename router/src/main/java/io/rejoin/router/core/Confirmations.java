package io.rejoin.router.core;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * Cursors, and the messages that recipients must confirm: a part of {@link Shard}. Such a message is pending from its
 * post until the cursors of all its recipients have passed it, or until it expires.
 */
final class Confirmations {
    /**
     * The limit per call, for redeliveries and for expiries. At the limit no further message is added; it is due again
     * at its next scheduled time.
     */
    private static final int MAX_DUE = 1_000;

    private final int partition;
    private final ShardState state;

    Confirmations(int partition, ShardState state) {
        this.partition = partition;
        this.state = state;
    }

    /** The users who must confirm a post; none if the post asks for no confirmation. */
    List<UserId> recipients(Command.Post post) {
        if (post.confirmWithinMs() == null) return List.of();
        if (post.room().isPersonal()) return List.of(post.room().owner());
        var room = state.find(post.room());
        if (room == null) return List.of();
        return room.users().stream().filter(user -> !user.equals(post.user())).limit(Command.MAX_RECIPIENTS + 1L)
                .toList();
    }

    /** Makes a message pending until these users confirm it. */
    void addPending(Command.Post post, List<UserId> recipients, long offset, long seq, long ts, Outputs outputs) {
        if (post.confirmWithinMs() == null || recipients.isEmpty()) return;
        state.unconfirmed().add(post.room(), seq, new Pending(offset, ts, post.confirmWithinMs(), post.user(),
                post.id(), post.connection(), post.edge(), recipients));
        while (true) {
            var surplus = state.unconfirmed().surplus(post.room());
            if (surplus == null) return;
            expireMessage(surplus, "newer messages that are not confirmed took its place", ts, outputs);
        }
    }

    /**
     * Moves a user's cursor. Announces the new cursor to the user's other connections, and to the posters of messages
     * that this confirms.
     */
    void acknowledge(Command.Acknowledge ack, long ts, Outputs outputs) {
        var room = state.find(ack.room());
        if (room != null && (ack.epoch() == null || ack.epoch() == room.epoch())) moveCursor(ack, room, ts, outputs);
        if (ack.request() == null) return;
        outputs.push(ack.edge(), new Delivery.Acknowledged(ack.room(), ack.connection(), ack.request(),
                room == null ? 0 : room.epoch(), room == null ? 0 : room.cursor(ack.user())));
    }

    private void moveCursor(Command.Acknowledge ack, Room room, long ts, Outputs outputs) {
        var id = ack.room();
        var seq = Math.min(ack.seq(), room.seq());
        if (seq <= room.cursor(ack.user())) return;
        state.moveCursor(room, ack.user(), seq);
        outputs.addFact(new Event.CursorMoved(id, room.epoch(), ack.user(), seq, ts));
        outputs.pushAll(room.edges(ack.user(), ack.connection()),
                new Delivery.Cursor(id, ack.user(), room.epoch(), seq, ack.connection()));
        for (var confirmed : state.unconfirmed().confirm(id, ack.user(), seq)) {
            var pending = confirmed.pending();
            outputs.push(pending.edge(), new Delivery.Confirmed(id, pending.connection(), confirmed.seq(),
                    pending.id(), ack.user()));
        }
    }

    /** The command's log time decides, not the clock of the router that appended the command. */
    void expire(Command.Expire expire, long ts, Outputs outputs) {
        var room = state.find(expire.room());
        var pending = state.unconfirmed().find(expire.room(), expire.seq());
        if (room == null || room.epoch() != expire.epoch() || pending == null || ts < pending.expires()) return;
        expireMessage(new Unconfirmed.MessageKey(expire.room(), expire.seq()), "not acknowledged in time", ts, outputs);
    }

    private void expireMessage(Unconfirmed.MessageKey message, String reason, long ts, Outputs outputs) {
        var room = Objects.requireNonNull(state.find(message.room()));
        var pending = Objects.requireNonNull(state.unconfirmed().find(message.room(), message.seq()));
        state.unconfirmed().remove(message.room(), message.seq());
        var event = new Event.ConfirmationExpired(message.room(), room.epoch(), message.seq(), pending.poster(),
                pending.id(), pending.recipients(), ts);
        outputs.addFact(event);
        outputs.addDeadLetter(event, pending.offset(), reason);
        outputs.push(pending.edge(), new Delivery.Expired(message.room(), pending.connection(), message.seq(),
                pending.id(), pending.recipients()));
    }

    /**
     * The redeliveries and expiries that fall due after {@code from} and up to {@code to}; the oldest first, and
     * bounded by {@link #MAX_DUE}. One message can add several redeliveries, and so exceed the bound.
     *
     * @param from log time, as {@code to}, in milliseconds since the epoch
     */
    Due due(RedeliverySchedule schedule, long from, long to) {
        var redeliveries = new ArrayList<Output.Push>();
        var expiries = new ArrayList<Command.Expire>();
        // there may be many messages: look the room up only for those that are due
        state.unconfirmed().forEach((message, pending) -> {
            var isExpired = pending.expires() <= to;
            var isExpiryDue = isExpired && RedeliverySchedule.isExpiryDue(pending.expires(), from, to);
            if (isExpired && (expiries.size() >= MAX_DUE || !isExpiryDue)) return;
            if (!isExpired && (redeliveries.size() >= MAX_DUE || !schedule.isDue(pending.ts(), from, to))) return;
            var room = state.peek(message.room());
            if (room == null) return;
            if (isExpired) expiries.add(new Command.Expire(message.room(), room.epoch(), message.seq()));
            else
                addRedeliveries(message, pending, room, redeliveries);
        });
        return new Due(redeliveries, expiries);
    }

    private void addRedeliveries(Unconfirmed.MessageKey message, Pending pending, Room room,
            List<Output.Push> redeliveries) {
        var source = new Source(partition, pending.offset(), 0);
        for (var user : pending.recipients()) {
            for (var edge : room.edges(user, null)) {
                redeliveries.add(new Output.Push(source, edge,
                        new Delivery.Redeliver(message.room(), room.epoch(), message.seq(), user)));
            }
        }
    }
}
