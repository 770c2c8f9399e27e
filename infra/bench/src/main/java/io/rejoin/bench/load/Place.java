package io.rejoin.bench.load;

/**
 * The position up to which a member has a room's messages. It resumes from there.
 *
 * @param epoch as the protocol writes it
 */
public record Place(long seq, String epoch) {}
