package io.rejoin.e2e.check;

import java.util.List;

/**
 * A promise that was not kept.
 *
 * @param what  describes the message, room and client
 * @param proof observations that contradict each other
 */
public record Violation(Kind kind, String what, List<Observation> proof) {
    public Violation {
        proof = List.copyOf(proof);
    }

    /** Kind of the broken promise. */
    public enum Kind {
        /** A message was delivered or stored but never sent. */
        PHANTOM,
        /** A post surely failed, but its message was seen. */
        ABORTED_VISIBLE,
        /** One place of a room's order has two messages, or one message has two bodies. */
        DIVERGENT,
        /** One message is at two places, or arrived twice on one connection without being marked as redelivered. */
        DUPLICATE,
        /** A message was acknowledged or seen, but is missing in a final read, or a member never received it. */
        LOST,
        /** A connection's seq skipped numbers, and no frame announced that. */
        GAP,
        /** A connection's seq decreased. */
        NON_MONOTONIC,
        /** A post that began after the ack of another post of the same user stands before that post. */
        SENDER_ORDER,
        /** An ack names another place than the message has, or than another ack of the message. */
        ACK_DISAGREES,
        /** A user was shown wrongly as present or absent, for too long or at the end. */
        PRESENCE,
        /** Messages were called unrecoverable or no longer kept, but were available. */
        FALSE_UNRECOVERABLE,
        /** The run proves nothing: too few messages were acknowledged, or too few faults met traffic. */
        TOO_LITTLE,
        /** A line is no observation. */
        UNREADABLE
    }
}
