package io.rejoin.edge.websocket;

import java.util.ArrayList;
import java.util.List;

/**
 * Holds back what is queued for clients until all is queued that comes at once: then each client that got something is written to
 * once, however many frames it got. Holds back only what the thread queues that holds it, and only where nobody writes already.
 */
public final class Cork {
    private static final ScopedValue<Cork> HELD = ScopedValue.newInstance();

    private final List<Runnable> writers = new ArrayList<>();

    private Cork() {}

    /** Does the work, then writes what it has queued. */
    public static void hold(Runnable work) {
        hold(() -> {
            work.run();
            return true;
        });
    }

    /** The same of work that has a result, or may fail. */
    public static <R, X extends Throwable> R hold(ScopedValue.CallableOp<R, X> work) throws X {
        var cork = new Cork();
        try {
            return ScopedValue.where(HELD, cork).call(work);
        } finally {
            cork.writers.forEach(Runnable::run);
        }
    }

    /** Writes once the cork is let go that the present thread holds; at once where it holds none. */
    static void write(Runnable writer) {
        if (HELD.isBound()) HELD.get().writers.add(writer);
        else
            writer.run();
    }
}
