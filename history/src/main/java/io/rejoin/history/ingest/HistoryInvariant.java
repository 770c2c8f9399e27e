package io.rejoin.history.ingest;

/** Invariants of history. Every violation is an error and is counted. */
enum HistoryInvariant {
    /** A message was read again, with the same room, epoch and seq but another content. */
    CHANGED_MESSAGE,
    /**
     * A message looked like a router's repetition but was new: {@code rejoin.commands} was recreated or truncated.
     */
    REVIVED_MESSAGE,
    /** Events were deleted by the topic's retention before history read them. */
    LOST_EVENTS,
    /** The topic of events was recreated or truncated. */
    CHANGED_LOG,
    /** A record could be stored neither in PostgreSQL nor in the dead letters. */
    LOST_DEAD_LETTER
}
