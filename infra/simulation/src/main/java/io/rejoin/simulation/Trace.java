package io.rejoin.simulation;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Supplier;

/** The last of what happened, for people. Off unless a seed is run to be looked at: then nothing is even formatted. */
final class Trace {
    private final int most;
    private final Deque<String> lines = new ArrayDeque<>();
    private long step;

    /** @param most lines that are kept; 0 is off */
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
