package io.rejoin.bench.load;

/**
 * What a message of the server can mean to a member. A {@link Dialect} calls these methods, none or several for a
 * message.
 */
public interface Incoming {
    /**
     * The member has joined its room and receives posts from now on. If the join resumes, {@link #caughtUp} follows.
     *
     * @param seq   of the room's last message; 0 where the system does not number messages
     * @param epoch the room's epoch, which a later resume sends together with the seq. It is text in the protocol's own
     *              notation, so that the resume can copy it. Empty if the server sends no epoch
     */
    void joined(long seq, String epoch);

    /** After a join that resumes: all missed messages have arrived. */
    void caughtUp();

    /** The member's own post with that number is accepted; also durable where the system promises that. */
    void acknowledged(int number);

    /**
     * A message of the room, from another member or the member's own.
     *
     * @param seq  of the message; it increases within a room. 0 where the system does not number messages
     * @param text bytes that contain the posted text
     */
    void message(long seq, Payload text);

    /** Sends this text to the server at once: a pong of its own protocol, or the next step of joining. */
    void answer(String text);

    /** The server reported an error. It is counted under {@code why}. */
    void refused(String why);
}
