package io.rejoin.e2e.check;

import java.util.Arrays;

/** A sequence of states with the times when each began, in time order; stored in a few bytes for each step. */
final class StateTimeline {
    private long[] times = new long[4];
    private byte[] states = new byte[4];
    private int size;

    void add(long t, int state) {
        if (size == times.length) {
            times = Arrays.copyOf(times, 2 * size);
            states = Arrays.copyOf(states, 2 * size);
        }
        times[size] = t;
        states[size++] = (byte) state;
    }

    int size() {
        return size;
    }

    long time(int index) {
        return times[index];
    }

    /** The state of a step; {@code otherwise} before the first step. */
    int state(int index, int otherwise) {
        return index < 0 ? otherwise : states[index];
    }
}
