package io.rejoin.bench.load;

/**
 * Up to where a member has a room's messages, to resume from there.
 *
 * @param epoch as the protocol writes it
 */
public record Place(long seq, String epoch) {}
