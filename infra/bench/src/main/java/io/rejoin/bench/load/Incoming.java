package io.rejoin.bench.load;

/** What a message of the server can mean to a member. A {@link Dialect} calls it, any number of times for one message. */
public interface Incoming {
    /**
     * The member is in its room: posts from now on come. After a resume, {@link #caughtUp} still follows.
     *
     * @param seq   of the room's last message, or 0 where the system does not number messages
     * @param epoch what a resume has to name beside the seq, as the protocol writes it; empty where there is none
     */
    void joined(long seq, String epoch);

    /** After a join that resumes: all that was missed has come. */
    void caughtUp();

    /** The member's own post of that number is accepted, and durable where the system promises that. */
    void acknowledged(int number);

    /**
     * A message of the room, be it somebody's or the member's own.
     *
     * @param seq  that the room's next message exceeds, or 0 where the system does not number messages
     * @param text bytes that have the posted text somewhere in them
     */
    void message(long seq, Payload text);

    /** The server wants this at once: a pong of its own protocol, or the next step of joining. */
    void answer(String text);

    /** The server says that something is wrong. It is counted, under these words. */
    void refused(String why);
}
