package io.rejoin.bench.load;

/**
 * What a member does in a run.
 *
 * @param room    from 0
 * @param index   of the member in its room; the lowest indexes are posters
 * @param resumes whether it asks for the messages that it missed after a lost connection
 */
record Role(int room, int index, Part part, boolean resumes) {
    /** When a member connects, and whether it reads. */
    enum Part {
        /** Connects before the load begins. */
        EARLY,
        /** Connects while others post. It need not receive messages that were posted before it joined. */
        LATE,
        /** Never reads once it has joined. */
        STALLED
    }
}
