package io.rejoin.e2e.check;

import java.util.List;

/**
 * A promise that was not kept.
 *
 * @param what  which message, room and client
 * @param proof the observations that contradict each other
 */
public record Violation(Kind kind, String what, List<Observation> proof) {
    public Violation {
        proof = List.copyOf(proof);
    }

    /** Which promise. */
    public enum Kind {
        /** Delivered or stored, and never sent. */
        PHANTOM,
        /** Surely not done, and seen. */
        ABORTED_VISIBLE,
        /** One place of a room's order with two messages, or one message with two bodies. */
        DIVERGENT,
        /** One message at two places, or twice on one connection without being marked as redelivered. */
        DUPLICATE,
        /** Acknowledged or seen, and missing in a final read; or a member never got it. */
        LOST,
        /** A connection's seq jumped, and nothing announced it. */
        GAP,
        /** A connection's seq went back. */
        NON_MONOTONIC,
        /** A post that began after another of the same user was acknowledged stands before it. */
        SENDER_ORDER,
        /** An ack names another place than the one where the message is, or than another ack. */
        ACK_DISAGREES,
        /** Somebody was shown as present or absent and was not, for too long or in the end. */
        PRESENCE,
        /** Called unrecoverable, or no longer kept, and it was there. */
        FALSE_UNRECOVERABLE,
        /** The run proves nothing: too little was sent, or no fault met traffic. */
        TOO_LITTLE,
        /** A line that is no observation. */
        UNREADABLE
    }
}
