package io.rejoin.edge.session;

import io.rejoin.contracts.client.FrameId;
import java.time.Duration;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The posts with an id that one client is still to be answered, so that a connection can be closed in a moment without any.
 * Safe for any thread.
 */
final class OpenPosts {
    /** More than that are not waited for: they are posted again elsewhere. */
    private static final int MOST = 10_000;

    private record Post(String room, FrameId id) {}

    private final Set<Post> open = new HashSet<>();
    private boolean closed;

    /** A post is about to be taken; false when none is any more. */
    synchronized boolean begin(String room, @Nullable FrameId id) {
        if (closed) return false;
        if (id != null && open.size() < MOST) open.add(new Post(room, id));
        return true;
    }

    /** It was answered, one way or the other. */
    synchronized void end(String room, @Nullable FrameId id) {
        if (id != null && open.remove(new Post(room, id)) && open.isEmpty()) notifyAll();
    }

    /** Takes no more, and waits until those taken are answered; false when that takes longer. */
    synchronized boolean close(Duration atMost) throws InterruptedException {
        closed = true;
        var until = System.nanoTime() + atMost.toNanos();
        while (!open.isEmpty()) {
            var left = Duration.ofNanos(until - System.nanoTime()).toMillis();
            if (left <= 0) return false;
            wait(left);
        }
        return true;
    }
}
