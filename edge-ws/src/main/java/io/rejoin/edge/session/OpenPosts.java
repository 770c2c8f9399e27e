package io.rejoin.edge.session;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.FrameId;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * The posts with an id that one client is still to be answered. Each is answered once: an answer that finds no open post was
 * given before, or comes after the client was told that none is known. Safe for any thread.
 */
final class OpenPosts {
    /** A client that has so many open may post no more until some are answered. */
    static final int MOST = 10_000;
    /** Routers that take over answer within seconds. Longer than that, and the answer may have got lost. */
    static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** What becomes of a post that a client asks for. */
    enum Begun {
        /** It is open from now on, if it has an id. */
        TAKEN,
        /** {@link #MOST} are open. */
        TOO_MANY,
        /** The connection is about to be closed. */
        CLOSED
    }

    record Post(RoomId room, FrameId id) {}

    /** @param frames how many frames of this id wait for an answer, each for one of its own */
    private record Open(int frames, long since) {}

    /** The one that waits longest first. */
    private @Nullable SequencedMap<Post, Open> open;
    /** Frames that are answered in this moment. */
    private int underWay;
    private boolean closed;

    /** A post is about to be taken. */
    synchronized Begun begin(RoomId room, @Nullable FrameId id, long now) {
        if (closed) return Begun.CLOSED;
        if (id == null) return Begun.TAKEN;
        if (open == null) open = new LinkedHashMap<>();
        if (open.size() >= MOST) return Begun.TOO_MANY;
        var post = new Post(room, id);
        var before = open.remove(post);
        open.put(post, new Open(before == null ? 1 : before.frames + 1, now));
        return Begun.TAKEN;
    }

    /**
     * Runs what queues the answer to a post, unless no frame waits for one.
     *
     * @return when the last frame of that id came; null when none waits
     */
    @Nullable
    Long answer(RoomId room, FrameId id, Runnable queueing) {
        var since = take(new Post(room, id));
        if (since == null) return null;
        try {
            queueing.run();
        } finally {
            answered();
        }
        return since;
    }

    private synchronized @Nullable Long take(Post post) {
        var waiting = open == null ? null : open.get(post);
        if (open == null || waiting == null) return null;
        underWay++;
        if (waiting.frames > 1) open.replace(post, new Open(waiting.frames - 1, waiting.since));
        else
            open.remove(post);
        return waiting.since;
    }

    /** After the answer is queued: a drain closes the connection as soon as no post is open. */
    private synchronized void answered() {
        underWay--;
        if (isQuiet()) {
            open = null;
            notifyAll();
        }
    }

    private boolean isQuiet() {
        return underWay == 0 && (open == null || open.isEmpty());
    }

    /** Takes those that have waited too long for an answer still to be expected, once for each frame that waits. */
    synchronized List<Post> takeOverdue(long now) {
        if (open == null) return List.of();
        var overdue = new ArrayList<Post>();
        for (var eldest = open.firstEntry(); eldest != null; eldest = open.firstEntry()) {
            if (now - eldest.getValue().since <= PATIENCE_NANOS) break;
            open.pollFirstEntry();
            for (var n = 0; n < eldest.getValue().frames; n++) overdue.add(eldest.getKey());
        }
        return overdue;
    }

    /** Takes no more, and waits until those taken are answered; false when that takes longer. */
    synchronized boolean close(Duration atMost) throws InterruptedException {
        closed = true;
        var until = System.nanoTime() + atMost.toNanos();
        while (!isQuiet()) {
            var left = Duration.ofNanos(until - System.nanoTime()).toMillis();
            if (left <= 0) return false;
            wait(left);
        }
        return true;
    }
}
