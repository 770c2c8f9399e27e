package io.rejoin.simulation;

/** Mistakes that the simulation can make on purpose, to show that it would notice them. None is in the services. */
public enum Bug {
    NONE,
    /** A checkpoint is committed before the outputs below it are acknowledged. */
    CHECKPOINT_AHEAD_OF_ACKNOWLEDGEMENTS,
    /** A takeover does not find the duplicate window. */
    DUPLICATE_WINDOW_LOST,
    /** A takeover does not find what the posts said. */
    DIGESTS_LOST,
    /** Nobody says that an edge is lost. */
    LOST_EDGE_KEEPS_MEMBERS,
    /** After a produce failed, a shard goes on with what comes next. */
    GOES_ON_AFTER_FAILED_PRODUCE,
    /** An edge takes what is repeated for new. */
    EDGE_WITHOUT_DROP_RULE,
    /** An edge does not look where a stream begins. */
    EDGE_IGNORES_WHERE_STREAMS_BEGIN,
    /** A takeover does not find how far edges were sent what is for them. */
    CHAINS_LOST,
    /** A router takes a record that an edge tells of, though it has not taken the one before. */
    TAKES_WHAT_IS_TOLD_OUT_OF_ORDER,
    /** History commits its position apart from its rows. */
    POSITION_APART_FROM_ROWS,
    /** A checkpoint of a shard's earlier owner is taken. */
    NO_FENCING,
    /** A takeover finds the members of a room no more. */
    MEMBERS_LOST,
    /** A takeover does not find the cursors. */
    CURSORS_LOST,
    /** A takeover does not find what has to be confirmed. */
    CONFIRMATIONS_LOST,
    /** A takeover does not know the epochs of rooms that are gone. */
    EPOCHS_LOST,
    /** A room is forgotten though somebody came into it. */
    FORGETS_MEMBERS,
    /** A room is forgotten though something in it is still to be confirmed. */
    FORGETS_UNCONFIRMED
}
