package io.rejoin.e2e.load;

import io.rejoin.contracts.Json;
import io.rejoin.e2e.check.Observation;
import io.rejoin.e2e.check.Recorder;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The posts of a member that have no ack yet, in order. After each lost connection and after a timeout they are sent
 * again under the same id. Safe for any thread.
 */
final class Outbox {
    private static final int BOUND = 1_000;
    private static final Duration REFUSED = Duration.ofSeconds(1);

    /** A post without an ack. The server may have stored it if {@code sent > refused}. */
    private static final class Post {
        private final String id;
        private final String text;
        private int sent;
        private int refused;
        private long due;
        private boolean isUnknown;

        Post(String id, String text) {
            this.id = id;
            this.text = text;
        }
    }

    private final String room;
    private final Recorder recorder;
    private final Supplier<Observation.At> at;
    private final Duration patience;
    private final Map<String, Post> posts = new LinkedHashMap<>();
    private @Nullable Link link;
    private long acknowledged;

    Outbox(String room, Recorder recorder, Supplier<Observation.At> at, Duration patience) {
        this.room = room;
        this.recorder = recorder;
        this.at = at;
        this.patience = patience;
    }

    /** Posts now, or when there is a connection; false when the outbox is full. */
    synchronized boolean put(String id, String text) {
        if (posts.size() >= BOUND) return false;
        var post = new Post(id, text);
        posts.put(id, post);
        recorder.record(new Observation.Invoke(at.get(), room, id, text));
        send(post);
        return true;
    }

    /** The member has joined by this connection: sends all posts in order. */
    synchronized void open(Link joined) {
        link = joined;
        posts.values().forEach(this::send);
    }

    /** The connection is lost. */
    synchronized void hold() {
        link = null;
        for (var post : posts.values()) {
            if (post.sent > post.refused) unknown(post, "connection lost");
        }
    }

    synchronized void acked(String id, long seq, long epoch, boolean duplicate) {
        recorder.record(new Observation.Ok(at.get(), room, id, seq, epoch, duplicate ? Boolean.TRUE : null));
        if (posts.remove(id) != null) acknowledged++;
    }

    /** An error frame names that post. */
    synchronized void refused(String id, String code, boolean isRetryable) {
        var post = posts.get(id);
        if (post == null) return;
        post.due = System.nanoTime() + REFUSED.toNanos();
        if (code.equals("timeout")) {
            unknown(post, code);
            return;
        }
        post.refused++;
        if (isRetryable) return;
        posts.remove(id);
        giveUp(post, code);
    }

    /** Sends posts again that were not answered in time. */
    synchronized void tend(long now) {
        if (link == null) return;
        for (var post : posts.values()) {
            if (post.due - now > 0) continue;
            if (post.sent > post.refused) unknown(post, "no answer");
            send(post);
        }
    }

    synchronized long acknowledged() {
        return acknowledged;
    }

    synchronized boolean isEmpty() {
        return posts.isEmpty();
    }

    /** Ends the outbox: sends nothing more. Posts without an ack are recorded as failed or unknown. */
    synchronized void close() {
        link = null;
        List.copyOf(posts.values()).forEach(post -> giveUp(post, "end of the run"));
        posts.clear();
    }

    private void send(Post post) {
        if (link == null) return;
        var frame = Json.MAPPER.createObjectNode().put("event", "message").put("room", room).put("id", post.id)
                .put("text", post.text);
        if (link.offer(frame)) post.sent++;
        post.due = System.nanoTime() + patience.toNanos();
    }

    private void unknown(Post post, String why) {
        if (post.isUnknown) return;
        post.isUnknown = true;
        recorder.record(new Observation.Unknown(at.get(), room, post.id, why));
    }

    private void giveUp(Post post, String why) {
        if (post.sent > post.refused) unknown(post, why);
        else
            recorder.record(new Observation.Fail(at.get(), room, post.id, why));
    }
}
