package io.rejoin.edge.websocket;

import java.util.ArrayList;
import java.util.List;

/**
 * Delays socket writes until a batch of frames is queued. Each client that got frames is then written to once, however
 * many frames it got. A cork delays only frames that the holding thread queues. If a connection already has a writer
 * that is not delayed, that writer writes the new frames, too, without waiting for the cork.
 */
public final class Cork {
    private static final ScopedValue<Cork> HELD = ScopedValue.newInstance();

    private final List<Runnable> writers = new ArrayList<>();

    private Cork() {}

    /** Runs the work, then writes the frames that the work queued. */
    public static void hold(Runnable work) {
        hold(() -> {
            work.run();
            return true;
        });
    }

    /** Like {@link #hold(Runnable)}, for work that returns a result or may fail. */
    public static <R, X extends Throwable> R hold(ScopedValue.CallableOp<R, X> work) throws X {
        var cork = new Cork();
        try {
            return ScopedValue.where(HELD, cork).call(work);
        } finally {
            cork.writers.forEach(Runnable::run);
        }
    }

    /** Runs the writer when the current thread releases its cork. Without a cork, runs the writer at once. */
    static void write(Runnable writer) {
        if (HELD.isBound()) HELD.get().writers.add(writer);
        else
            writer.run();
    }
}
