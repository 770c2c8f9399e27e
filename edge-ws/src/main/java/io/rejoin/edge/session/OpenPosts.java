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
 * The posts of one client that have an id and no answer yet. Each frame is answered once. An answer that finds no open
 * post is dropped: the post was answered before, or was reported to the client as unknown. Safe for any thread.
 */
final class OpenPosts {
    /** At most this many posts may be open. With more, the client must wait for answers before it can post again. */
    static final int MAX = 10_000;
    /**
     * How long a post waits for its answer. Routers that take over shards answer within seconds, so after this time the
     * answer may be lost.
     */
    static final long ANSWER_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(60);

    /** The result of {@link #begin}. */
    enum BeginResult {
        /** The post is accepted. It is open if it has an id. */
        ACCEPTED,
        /** Already {@link #MAX} posts are open. */
        TOO_MANY,
        /** The connection is about to be closed. */
        CLOSED
    }

    record Post(RoomId room, FrameId id) {}

    /**
     * @param frames      how many frames with this id wait for an answer; each gets one
     * @param lastFrameAt when the last of these frames came, by {@link System#nanoTime}
     */
    private record Open(int frames, long lastFrameAt) {}

    /** The open posts. The one that waits longest is first. */
    private @Nullable SequencedMap<Post, Open> open;
    /** How many answers are being queued at this moment. */
    private int answersInProgress;
    private boolean isClosed;

    /** Registers a post before its command is appended. */
    synchronized BeginResult begin(RoomId room, @Nullable FrameId id, long now) {
        if (isClosed) return BeginResult.CLOSED;
        if (id == null) return BeginResult.ACCEPTED;
        if (open == null) open = new LinkedHashMap<>();
        if (open.size() >= MAX) return BeginResult.TOO_MANY;
        var post = new Post(room, id);
        var before = open.remove(post);
        open.put(post, new Open(before == null ? 1 : before.frames + 1, now));
        return BeginResult.ACCEPTED;
    }

    /**
     * Queues the answer to a post if a frame with that id waits for one.
     *
     * @param queueAnswer queues the answer
     * @return when the last frame with that id came; null if no frame waits
     */
    @Nullable
    Long answer(RoomId room, FrameId id, Runnable queueAnswer) {
        var lastFrameAt = removeFrame(new Post(room, id));
        if (lastFrameAt == null) return null;
        try {
            queueAnswer.run();
        } finally {
            onAnswered();
        }
        return lastFrameAt;
    }

    private synchronized @Nullable Long removeFrame(Post post) {
        var waiting = open == null ? null : open.get(post);
        if (open == null || waiting == null) return null;
        answersInProgress++;
        if (waiting.frames > 1) open.replace(post, new Open(waiting.frames - 1, waiting.lastFrameAt));
        else
            open.remove(post);
        return waiting.lastFrameAt;
    }

    /** Called after the answer is queued, because a drain closes the connection as soon as no post is open. */
    private synchronized void onAnswered() {
        answersInProgress--;
        if (isIdle()) {
            open = null;
            notifyAll();
        }
    }

    private boolean isIdle() {
        return answersInProgress == 0 && (open == null || open.isEmpty());
    }

    /** Removes the posts that have waited too long for an answer. The result has one entry for each waiting frame. */
    synchronized List<Post> removeOverdue(long now) {
        if (open == null) return List.of();
        var overdue = new ArrayList<Post>();
        for (var eldest = open.firstEntry(); eldest != null; eldest = open.firstEntry()) {
            if (now - eldest.getValue().lastFrameAt <= ANSWER_TIMEOUT_NANOS) break;
            open.pollFirstEntry();
            for (var n = 0; n < eldest.getValue().frames; n++) overdue.add(eldest.getKey());
        }
        return overdue;
    }

    /** Accepts no more posts, and waits until the open ones are answered. Returns false on a timeout. */
    synchronized boolean close(Duration timeout) throws InterruptedException {
        isClosed = true;
        var deadline = System.nanoTime() + timeout.toNanos();
        while (!isIdle()) {
            var waitMillis = Duration.ofNanos(deadline - System.nanoTime()).toMillis();
            if (waitMillis <= 0) return false;
            wait(waitMillis);
        }
        return true;
    }
}
