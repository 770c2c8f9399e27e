package io.rejoin.history.store;

import io.rejoin.contracts.UserId;

/**
 * How far a user's messages are erased.
 *
 * @param until    messages up to this log time are, milliseconds since the epoch
 * @param messages so many were found so far
 * @param progress from 0 to 1
 */
public record Erasure(UserId user, long until, long messages, double progress, boolean isDone) {}
