package io.rejoin.history.store;

import io.rejoin.contracts.UserId;

/**
 * The progress of a user's erasure.
 *
 * @param until    messages up to this log time are erased, milliseconds since the epoch
 * @param messages number of messages erased so far
 * @param progress from 0 to 1
 */
public record Erasure(UserId user, long until, long messages, double progress, boolean isDone) {}
