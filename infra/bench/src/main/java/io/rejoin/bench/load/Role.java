package io.rejoin.bench.load;

/**
 * What a member does.
 *
 * @param room    from 0
 * @param index   in its room: the first so many are posters
 * @param resumes whether it asks for what it missed
 */
record Role(int room, int index, Part part, boolean resumes) {
    /** When it comes, and whether it reads. */
    enum Part {
        /** There from the beginning. */
        EARLY,
        /** Comes while others post: what was posted before it was in, it need not get. */
        LATE,
        /** Never reads once it has joined. */
        STALLED
    }
}
