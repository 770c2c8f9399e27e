package io.rejoin.bench.load;

/** What may happen in a load beside posts, when the measured window begins. */
enum LoadEvent {
    /** Nothing. */
    NONE,
    /** All but the posters lose their connections at once, and come back at once. */
    CUT,
    /** The late members come. */
    ARRIVAL
}
