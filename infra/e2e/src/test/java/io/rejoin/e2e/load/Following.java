package io.rejoin.e2e.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.ServerFrame.Action;
import io.rejoin.contracts.client.ServerFrame.Outcome;
import io.rejoin.e2e.check.Observation;
import io.rejoin.e2e.check.Recorder;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/**
 * State of a member in its room, over all its connections. One thread passes the frames in; other threads may read
 * the state.
 *
 * <pre>
 * JOINING ──answer──► CATCHING_UP ──resync──► LIVE     any ──gap, not joined, lost──► JOINING
 * </pre>
 */
final class Following {
    private enum State {
        JOINING, CATCHING_UP, LIVE
    }

    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration AGAIN = Duration.ofSeconds(1);

    private final String room;
    private final Recorder recorder;
    private final Supplier<Observation.At> at;
    private final Outbox outbox;
    private final Heads heads;
    private volatile State state = State.JOINING;
    private volatile Heads.Place place = Heads.Place.NONE;
    /** The room's epoch at the last join; until the resync, the epoch in {@link #place} may be an earlier one. */
    private long epoch;
    private long version = -1;
    private int joins;
    private String joinId = "";
    private long joinDue;
    private long presenceDue = Long.MAX_VALUE;

    Following(String room, Recorder recorder, Supplier<Observation.At> at, Outbox outbox, Heads heads) {
        this.room = room;
        this.recorder = recorder;
        this.at = at;
        this.outbox = outbox;
        this.heads = heads;
    }

    boolean isLive() {
        return state == State.LIVE;
    }

    /** Whether it is live and has the last message of the room that any member has seen. */
    boolean hasAll() {
        return isLive() && !heads.of(room).isBeyond(place);
    }

    String describe() {
        return state.name().toLowerCase(Locale.ROOT) + " at " + place;
    }

    /** Sends a join that asks for the messages after its place; the first join asks for all messages. */
    void join(Link link) {
        state = State.JOINING;
        joinId = "join-" + ++joins;
        var joinEpoch = place.epoch() == 0 ? null : place.epoch();
        recorder.record(new Observation.Join(at.get(), room, place.seq(), joinEpoch));
        var frame = Json.MAPPER.createObjectNode().put("event", "join").put("room", room).put("id", joinId)
                .put("after", place.seq());
        if (joinEpoch != null) frame.put("epoch", joinEpoch);
        link.offer(frame);
        joinDue = System.nanoTime() + ANSWER.toNanos();
    }

    void lost() {
        state = State.JOINING;
        joinId = "";
        presenceDue = Long.MAX_VALUE;
    }

    /** Repeats requests that were not answered in time. */
    void tend(Link link, long now) {
        if (state == State.JOINING && joinDue - now < 0) join(link);
        if (presenceDue != Long.MAX_VALUE && presenceDue - now < 0) ask(link);
    }

    void take(Link link, JsonNode frame) {
        switch (frame.path("event").asText()) {
            case "join_ack" -> joined(link, frame);
            case "message" -> message(link, frame);
            case "resync" -> resync(frame);
            case "ack" -> acked(frame);
            case "error" -> error(frame);
            case "presence" -> presence(link, frame);
            case "presence_diff" -> presenceDiff(link, frame);
            case "presence_state" -> presenceState(frame);
            case "cursor" -> recorder.record(new Observation.Cursor(at.get(), room(frame), seq(frame)));
            case "confirmed" -> recorder.record(new Observation.Confirmed(at.get(), room(frame), seq(frame)));
            case "expired" -> recorder.record(new Observation.Expired(at.get(), room(frame), seq(frame)));
            default -> {
                // welcome, pong: they only prove that the connection works
            }
        }
    }

    private void joined(Link link, JsonNode frame) {
        var seq = seq(frame);
        epoch = frame.path("epoch").asLong();
        version = frame.path("version").asLong(-1);
        recorder.record(new Observation.Joined(at.get(), room, seq, epoch, members(frame), frame.path("count").asInt(),
                version < 0 ? null : version, null));
        if (!frame.path("id").asText().equals(joinId)) return; // answers an earlier join: its messages will come again
        heads.heard(room, new Heads.Place(epoch, seq));
        state = State.CATCHING_UP;
        joinId = "";
        outbox.open(link);
    }

    private void message(Link link, JsonNode frame) {
        var heard = new Heads.Place(frame.path("epoch").asLong(), seq(frame));
        recorder.record(new Observation.Deliver(at.get(), room(frame), heard.seq(), heard.epoch(),
                frame.path("id").isTextual() ? frame.path("id").asText() : null, frame.path("user").asText(),
                frame.path("text").asText(), frame.path("ts").asLong(),
                frame.path("redelivered").asBoolean() ? Boolean.TRUE : null));
        if (state == State.JOINING || !frame.path("room").asText().equals(room)) return;
        heads.heard(room, heard);
        var known = place;
        if (heard.epoch() == known.epoch() && heard.seq() <= known.seq()) return; // a duplicate
        var follows = heard.seq() == known.seq() + 1 && (known.epoch() == heard.epoch() || known.epoch() == 0);
        if (follows || state == State.CATCHING_UP) place = heard;
        else
            askAgain(link);
    }

    /** Joins again after a gap or an unexpected epoch; slows down after the second join. */
    private void askAgain(Link link) {
        outbox.hold();
        join(link);
        if (joins > 2) joinDue = System.nanoTime() + AGAIN.toNanos();
    }

    private void resync(JsonNode frame) {
        var outcome = outcome(frame.path("outcome").asText());
        var to = frame.path("to").asLong();
        recorder.record(new Observation.Resync(at.get(), room(frame), frame.path("from").asLong(), to, outcome));
        if (state != State.CATCHING_UP) return;
        if (outcome == Outcome.UNRECOVERABLE || place.epoch() != epoch || place.seq() < to) {
            place = new Heads.Place(epoch, to);
        }
        state = State.LIVE;
    }

    private void acked(JsonNode frame) {
        var seq = seq(frame);
        outbox.acked(frame.path("id").asText(), seq, epoch, frame.path("duplicate").asBoolean());
        heads.heard(room, new Heads.Place(epoch, seq));
    }

    private void error(JsonNode frame) {
        var id = frame.path("id").asText();
        var code = frame.path("code").asText();
        recorder.record(new Observation.Failure(at.get(), room, id.isEmpty() ? null : id, code));
        var retryable = frame.has("retry_after_ms") || code.equals(ErrorCode.NOT_JOINED.wireName());
        if (id.equals(joinId)) {
            joinDue = System.nanoTime() + AGAIN.toNanos();
        } else {
            if (code.equals(ErrorCode.NOT_JOINED.wireName()) && state != State.JOINING) {
                state = State.JOINING; // the server no longer counts this client as joined
                joinDue = System.nanoTime();
            }
            outbox.refused(id, code, retryable);
        }
    }

    private void presence(Link link, JsonNode frame) {
        var next = frame.path("version").asLong();
        recorder.record(new Observation.Presence(at.get(), room(frame), frame.path("user").asText(),
                frame.path("action").asText().equals("join") ? Action.JOIN : Action.LEAVE, frame.path("count").asInt(),
                next));
        changed(link, next, next);
    }

    /** Without names in the diff it asks for the member list at once: a run has few clients. */
    private void presenceDiff(Link link, JsonNode frame) {
        var isNamed = frame.has("joined");
        var next = frame.path("version").asLong();
        recorder.record(new Observation.PresenceDiff(at.get(), room(frame), isNamed ? names(frame, "joined") : null,
                isNamed ? names(frame, "left") : null, frame.path("count").asInt(), next));
        changed(link, frame.path("from").asLong(), next);
        if (!isNamed) ask(link);
    }

    private void changed(Link link, long from, long to) {
        var isMissed = version >= 0 && from > version + 1;
        version = Math.max(version, to);
        if (isMissed) ask(link);
    }

    private void presenceState(JsonNode frame) {
        var next = frame.path("version").asLong();
        recorder.record(new Observation.PresenceState(at.get(), room(frame), members(frame),
                frame.path("count").asInt(), next));
        version = Math.max(version, next);
        presenceDue = Long.MAX_VALUE;
    }

    private void ask(Link link) {
        link.offer(Json.MAPPER.createObjectNode().put("event", "presence").put("room", room));
        presenceDue = System.nanoTime() + ANSWER.toNanos();
    }

    static List<String> members(JsonNode frame) {
        return names(frame, "members");
    }

    private static List<String> names(JsonNode frame, String field) {
        return StreamSupport.stream(frame.path(field).spliterator(), false).map(JsonNode::asText).toList();
    }

    private static Outcome outcome(String name) {
        return Arrays.stream(Outcome.values()).filter(outcome -> outcome.name().equalsIgnoreCase(name)).findFirst()
                .orElseThrow(() -> new IllegalStateException("a resync with the unknown outcome " + name));
    }

    private static String room(JsonNode frame) {
        return frame.path("room").asText();
    }

    private static long seq(JsonNode frame) {
        return frame.path("seq").asLong();
    }
}
