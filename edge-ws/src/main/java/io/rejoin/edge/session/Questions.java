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

/** What a client has asked the routers and not been answered yet, by the number of the request. Guarded by its session. */
final class Questions {
    private static final int MOST = 256;
    private static final String TOO_MANY = MOST
            + " questions and acknowledgements of this connection are not answered yet; nothing was done";
    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(20);

    /**
     * Who is in the room? Or: how far has the user acknowledged it now?
     *
     * @param frameId the client's id of its frame, if it gave one
     * @param asked   when, by {@code System.nanoTime}
     */
    record Question(RoomId room, @Nullable FrameId frameId, long asked) {}

    private final Map<Long, Question> open = new HashMap<>();

    /**
     * Adds one and appends its command; a question whose command is not taken was never open.
     *
     * @return why that was not done, for the client; null when it was
     */
    @Nullable
    String ask(long request, Question question, BooleanSupplier append) {
        if (open.size() >= MOST) return TOO_MANY;
        open.put(request, question);
        if (append.getAsBoolean()) return null;
        open.remove(request);
        return Session.FULL;
    }

    @Nullable
    Question remove(long request) {
        return open.remove(request);
    }

    List<Question> takeAll() {
        var all = List.copyOf(open.values());
        open.clear();
        return all;
    }

    /** Takes those that were asked too long ago for an answer still to be expected. */
    List<Question> takeOverdue(long now) {
        if (open.isEmpty()) return List.of();
        var overdue = new ArrayList<Question>();
        open.values().removeIf(question -> now - question.asked() > PATIENCE_NANOS && overdue.add(question));
        return overdue;
    }
}
