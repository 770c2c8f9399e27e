package io.rejoin.bench.load;

/** Callbacks at both ends of the measured window. They run on the poster's thread, so they must return quickly. */
interface Progress {
    /** Posts that are due from now on are measured. */
    void windowBegins();

    /** No more posts are sent; messages that are under way may still arrive. */
    void windowEnds();
}
