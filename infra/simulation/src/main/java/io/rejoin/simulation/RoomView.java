package io.rejoin.simulation;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A client's view of one room. It checks each frame from the server against the guarantees. */
final class RoomView {
    final RoomId room;
    private final String who;
    private final UserId user;
    private final LogModel facts;
    /** Whether the client wants to be in the room. */
    boolean wanted;
    /** The id of the join that the client waits for; null when it waits for none. */
    @Nullable
    String joining;
    private long askedAfter = -1;
    private boolean joined;
    /** The seq at which the running replay ends; -1 when none runs. */
    private long resyncTo = -1;
    private long last;
    private long epoch;
    /**
     * Whether a resume was answered in another epoch than it asked for. The outcome may then be {@code unrecoverable}.
     */
    private boolean mayBeUnrecoverable;
    /** Whether the outcome must be {@code unrecoverable}, because messages of the old epoch may be missing. */
    private boolean isUnrecoverable;
    /** The presence version of the last join, leave, diff or member list. */
    private long version;
    /** The user's cursor, as the server last reported it. */
    private long cursor;
    /** The highest seq that this device has acknowledged. The server may never have got that. */
    private long acknowledged;
    private final Set<String> users = new TreeSet<>();

    RoomView(RoomId room, String who, UserId user, LogModel facts) {
        this.room = room;
        this.who = who;
        this.user = user;
        this.facts = facts;
    }

    boolean isJoined() {
        return joined && joining == null;
    }

    /** Whether the client has been in the room, so that it can resume. */
    boolean canResume() {
        return epoch > 0;
    }

    long last() {
        return last;
    }

    long epoch() {
        return epoch;
    }

    /** Whether no replay is running. */
    boolean isCaughtUp() {
        return resyncTo < 0;
    }

    Set<String> users() {
        return users;
    }

    /**
     * The client sends a join.
     *
     * @param after the seq to resume after; -1 for none
     */
    void joins(String id, long after) {
        joining = id;
        askedAfter = after;
    }

    /** The client has lost its connection. */
    void disconnected() {
        joining = null;
        joined = false;
        resyncTo = -1;
    }

    /** The join was refused, or its outcome is unknown. The edge then no longer waits for it. */
    void joinFailed() {
        joining = null;
        joined = false;
    }

    void joinAcked(JsonNode ack) {
        if (!Objects.equals(joining, text(ack, "id"))) return; // the answer to an earlier join
        var seq = ack.get("seq").longValue();
        var next = ack.get("epoch").longValue();
        var isNew = epoch != 0 && epoch != next;
        check(facts.isLife(room, next) && next >= epoch, "an unknown or earlier epoch", ack);
        check(isNew || seq >= last, "the seq of the join_ack is lower than the last seen seq", ack);
        joining = null;
        joined = true;
        mayBeUnrecoverable = isNew && askedAfter >= 0;
        isUnrecoverable = mayBeUnrecoverable && (askedAfter > 0 || facts.head(room, epoch) > 0);
        if (isNew) forget();
        epoch = next;
        last = askedAfter < 0 || isUnrecoverable ? seq : askedAfter;
        resyncTo = askedAfter < 0 ? -1 : seq;
        setUsers(ack);
        var known = ack.path("cursor").asLong();
        check(known >= cursor && known <= facts.confirming().cursor(room, epoch, user), "a wrong cursor", ack);
        cursor = known;
    }

    /** Resets the cursor: acknowledgements count within one epoch. */
    private void forget() {
        cursor = 0;
        acknowledged = 0;
    }

    /** Records that this device acknowledges all its messages; the seq of the last one. */
    long acknowledges() {
        acknowledged = Math.max(acknowledged, last);
        return last;
    }

    /**
     * Whether the client knows the right cursor: the server reported it, or this device has acknowledged that far
     * itself.
     */
    boolean knowsCursor() {
        var right = facts.confirming().cursor(room, epoch, user);
        return cursor == right || (cursor < right && acknowledged >= right);
    }

    void cursorMoved(JsonNode moved) {
        if (joining != null || !joined) return;
        var next = moved.get("seq").longValue();
        var right = facts.confirming().cursor(room, moved.get("epoch").longValue(), user);
        check(next >= cursor && next <= right, "the cursor moves back or too far", moved);
        cursor = next;
    }

    void message(JsonNode message) {
        if (joining != null) return; // a frame of the membership that the new join replaces
        check(joined, "a message for a client that is not in the room", message);
        var seq = message.get("seq").longValue();
        var again = message.has("redelivered");
        check(again ? seq <= last : seq == last + 1, "neither the next message nor a redelivery", message);
        if (message.get("epoch").longValue() != epoch) goOn(message);
        var right = facts.message(room, epoch, seq);
        check(Objects.equals(right.content().text(), text(message, "text"))
                && Objects.equals(right.id(), text(message, "id"))
                && right.user().name().equals(text(message, "user"))
                && right.ts() == message.get("ts").longValue(), "the message differs from the post", message);
        if (!again) last = seq;
    }

    /**
     * Continues in a new epoch. The shard had forgotten the room, which had no messages and no members at that time.
     * The server continues the client's membership in the new epoch.
     */
    private void goOn(JsonNode message) {
        var next = message.get("epoch").longValue();
        check(next > epoch && last == 0 && facts.head(room, epoch) == 0, "a message of a wrong epoch", message);
        epoch = next;
    }

    void resynced(JsonNode resync) {
        if (joining != null) return;
        var unrecoverable = "unrecoverable".equals(text(resync, "outcome"));
        check(unrecoverable ? mayBeUnrecoverable : !isUnrecoverable && "full".equals(text(resync, "outcome")),
                "a wrong outcome: history keeps all messages, so only a new epoch is unrecoverable", resync);
        check(resyncTo >= 0 && resyncTo == resync.get("to").longValue()
                && resync.get("from").longValue() == (unrecoverable ? resyncTo : askedAfter) + 1,
                "an unexpected resync, or a wrong range", resync);
        if (unrecoverable && !isUnrecoverable) {
            check(last == askedAfter, "unrecoverable, although messages arrived before", resync);
            last = resyncTo;
        }
        check(last == resyncTo, "the resync arrives too early or too late", resync);
        resyncTo = -1;
    }

    void presence(JsonNode presence) {
        if (joining != null) return;
        check(joined, "presence for a client that is not in the room", presence);
        var next = presence.get("version").longValue();
        check(next > version, "presence arrives twice or late", presence);
        version = next;
        var user = Objects.requireNonNull(text(presence, "user"));
        if ("join".equals(text(presence, "action"))) users.add(user);
        else
            users.remove(user);
    }

    void presenceDiff(JsonNode diff) {
        if (joining != null) return;
        check(joined, "presence for a client that is not in the room", diff);
        var from = diff.get("from").longValue();
        var to = diff.get("version").longValue();
        check(from > version && to > from, "presence arrives twice or late, or is a diff of one change", diff);
        version = to;
        for (var name : diff.get("joined")) users.add(name.textValue());
        for (var name : diff.get("left")) users.remove(name.textValue());
    }

    void presenceState(JsonNode state) {
        if (joining != null || !joined) return; // the answer to an earlier question
        check(state.get("version").longValue() >= version, "an outdated presence state", state);
        version = state.get("version").longValue();
        setUsers(state);
    }

    void left(JsonNode ack) {
        if (joining != null) return;
        check(joined, "a leave_ack without a leave", ack);
        joined = false;
        resyncTo = -1;
    }

    private void setUsers(JsonNode state) {
        users.clear();
        for (var user : state.get("members")) users.add(user.textValue());
        check(users.size() == state.get("count").intValue(), "the count differs from the length of the list", state);
    }

    private void check(boolean holds, String what, JsonNode frame) {
        Violation.unless(holds,
                () -> who + " in " + room.key() + " at seq " + last + ", presence version " + version + ": "
                        + what + ": " + frame);
    }

    private static @Nullable String text(JsonNode node, String field) {
        var value = node.get(field);
        return value == null ? null : value.textValue();
    }
}
