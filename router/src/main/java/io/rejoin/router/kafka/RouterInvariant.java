package io.rejoin.router.kafka;

/** What a router must never see. */
enum RouterInvariant {
    /** Carrying out a command failed. */
    FAILED_COMMAND,
    /** Commands were gone before a router had taken them. */
    LOST_COMMANDS,
    /** What a shard had written down cannot be read back, or does not go with the command log. */
    CORRUPT_STATE
}
