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
 * The questions of a client that routers have not answered yet, by request number. Guarded by its session's monitor.
 */
final class PendingRequests {
    private static final int MAX = 256;
    private static final String TOO_MANY = MAX
            + " presence requests and acknowledgements of this connection are not answered yet; nothing was done";
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /**
     * A question for the members of a room, or an acknowledgement whose resulting cursor the client wants to know.
     *
     * @param frameId the client's id of its frame, if it gave one
     * @param asked   when the question was asked, by {@link System#nanoTime}
     */
    record PendingRequest(RoomId room, @Nullable FrameId frameId, long asked) {}

    private final Map<Long, PendingRequest> open = new HashMap<>();

    /**
     * Adds a question and appends its command. If the command is not accepted, the question is not kept.
     *
     * @return the reason for a failure, for the client; null on success
     */
    @Nullable
    String ask(long request, PendingRequest pendingRequest, BooleanSupplier append) {
        if (open.size() >= MAX) return TOO_MANY;
        open.put(request, pendingRequest);
        if (append.getAsBoolean()) return null;
        open.remove(request);
        return Session.FULL;
    }

    @Nullable
    PendingRequest remove(long request) {
        return open.remove(request);
    }

    List<PendingRequest> takeAll() {
        var all = List.copyOf(open.values());
        open.clear();
        return all;
    }

    /** Removes the questions that have waited too long for an answer. */
    List<PendingRequest> takeOverdue(long now) {
        if (open.isEmpty()) return List.of();
        var overdue = new ArrayList<PendingRequest>();
        open.values().removeIf(
                pendingRequest -> now - pendingRequest.asked() > PATIENCE_NANOS && overdue.add(pendingRequest));
        return overdue;
    }
}
