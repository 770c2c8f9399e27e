package io.rejoin.simulation;

/**
 * Mistakes that the simulation can make on purpose, to prove that its checks find them. The services have none of them.
 */
public enum Bug {
    NONE,
    /** A checkpoint is committed before the outputs below it are acknowledged. */
    CHECKPOINT_AHEAD_OF_ACKNOWLEDGEMENTS,
    /** A takeover loses the duplicate window. */
    DUPLICATE_WINDOW_LOST,
    /** A takeover loses the content digests of the posts. */
    DIGESTS_LOST,
    /** No router appends {@code EdgeLost} for a silent edge. */
    LOST_EDGE_KEEPS_MEMBERS,
    /** After a failed produce, a shard sends the records that follow. */
    GOES_ON_AFTER_FAILED_PRODUCE,
    /** An edge treats repeated deliveries as new. */
    EDGE_WITHOUT_DROP_RULE,
    /** An edge does not check after which delivery a stream begins. */
    EDGE_IGNORES_WHERE_STREAMS_BEGIN,
    /** A takeover loses the last delivery that was sent to each edge. */
    CHAINS_LOST,
    /** A router takes a record that an edge announces, although it has not taken the records before it. */
    TAKES_WHAT_IS_TOLD_OUT_OF_ORDER,
    /** History commits its position and its rows in two transactions. */
    POSITION_APART_FROM_ROWS,
    /** A checkpoint of a shard's earlier owner is accepted. */
    NO_FENCING,
    /** A takeover loses the members of rooms. */
    MEMBERS_LOST,
    /** A takeover loses the cursors. */
    CURSORS_LOST,
    /** A takeover loses the messages that wait for confirmations. */
    CONFIRMATIONS_LOST,
    /** A takeover loses the epochs of forgotten rooms. */
    EPOCHS_LOST,
    /** A shard forgets a room although a user has joined it. */
    FORGETS_MEMBERS,
    /** A shard forgets a room although a message in it still waits for a confirmation. */
    FORGETS_UNCONFIRMED
}
