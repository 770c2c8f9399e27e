package io.rejoin.bench.load;

/** What happens when the measured window begins, besides posts. */
enum LoadEvent {
    /** Nothing. */
    NONE,
    /** All members that do not post lose their connections at once and reconnect at once. */
    CUT,
    /** The late members start to connect. */
    ARRIVAL
}
