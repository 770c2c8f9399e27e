package io.rejoin.history.ingest;

/** What history must never see. */
enum HistoryInvariant {
    /** A message came again, at the same place of its room, and is another one. */
    CHANGED_MESSAGE,
    /** A message looked like a router's repetition and was new: the command log went back. */
    REVIVED_MESSAGE,
    /** Records of events were deleted before they were read. */
    LOST_EVENTS,
    /** The topic of events is not the log it was. */
    CHANGED_LOG,
    /** A record could not be stored, and not be put aside either. */
    LOST_DEAD_LETTER
}
