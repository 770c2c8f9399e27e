package io.rejoin.router.metrics;

/** Conditions that must never occur in a router; each occurrence is counted. */
public enum RouterInvariant {
    /** A command made its shard fail. */
    FAILED_COMMAND,
    /** Commands expired before a checkpoint included them. */
    LOST_COMMANDS,
    /** A shard's state cannot be read back, or does not match the command log. */
    CORRUPT_STATE
}
