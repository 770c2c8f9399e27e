package io.rejoin.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/** The last lines of a run's trace, for people. With 0 lines the trace is off, and formats nothing. */
final class Trace {
    private final int most;
    private final Deque<String> lines = new ArrayDeque<>();
    private long step;

    /** @param most lines to keep; 0 turns the trace off */
    Trace(int most) {
        this.most = most;
    }

    void step(long now) {
        step = now;
    }

    void add(Supplier<String> line) {
        if (most == 0) return;
        if (lines.size() == most) lines.removeFirst();
        lines.addLast(step + " " + line.get());
    }

    List<String> lines() {
        return List.copyOf(lines);
    }
}
