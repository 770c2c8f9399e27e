package io.rejoin.edge.session;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.client.FrameId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The requests of a client that routers have not answered yet, by request number. Guarded by its session's monitor.
 */
final class PendingRequests {
    private static final int MAX = 256;
    private static final String TOO_MANY = MAX
            + " presence requests and acknowledgements of this connection are not answered yet; nothing was done";
    private static final long ANSWER_TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(20);

    /**
     * A request for the members of a room, or an acknowledgement whose resulting cursor the client wants to know.
     *
     * @param frameId the client's id of its frame, if it gave one
     * @param sentAt  when the request was sent, by {@link System#nanoTime}
     */
    record PendingRequest(RoomId room, @Nullable FrameId frameId, long sentAt) {}

    private final Map<Long, PendingRequest> open = new HashMap<>();

    /**
     * Adds a request and appends its command. If the command is not accepted, the request is not kept.
     *
     * @return the reason for a failure, for the client; null on success
     */
    @Nullable
    String add(long request, PendingRequest pendingRequest, BooleanSupplier append) {
        if (open.size() >= MAX) return TOO_MANY;
        open.put(request, pendingRequest);
        if (append.getAsBoolean()) return null;
        open.remove(request);
        return Session.QUEUE_FULL;
    }

    @Nullable
    PendingRequest remove(long request) {
        return open.remove(request);
    }

    List<PendingRequest> removeAll() {
        var all = List.copyOf(open.values());
        open.clear();
        return all;
    }

    /** Removes the requests that have waited too long for an answer. */
    List<PendingRequest> removeOverdue(long now) {
        if (open.isEmpty()) return List.of();
        var overdue = new ArrayList<PendingRequest>();
        open.values().removeIf(
                pendingRequest -> now - pendingRequest.sentAt() > ANSWER_TIMEOUT_NANOS && overdue.add(pendingRequest));
        return overdue;
    }
}
