package io.rejoin.e2e.check;

import java.util.Arrays;

/** What was true from when on, in the order of time; a few bytes for each step. */
final class Steps {
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

    /** The state of a step; before the first one, {@code otherwise}. */
    int state(int index, int otherwise) {
        return index < 0 ? otherwise : states[index];
    }
}
