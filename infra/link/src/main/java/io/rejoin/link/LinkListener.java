package io.rejoin.link;

/** Hears of the streams that edges open to a router. Called on each stream's own thread; may be called for several at once. */
public interface LinkListener {
    /** An edge has opened a stream: {@link EdgeStream#hello} says who, and how far it is. What is said from here on arrives. */
    void opened(EdgeStream stream);

    /** The edge says how far it is by now. */
    void reached(EdgeStream stream, Frame.Reached reached);

    /** The edge has appended a record to the command log. */
    void appended(EdgeStream stream, Frame.Appended appended);

    /** The stream is over. Always after {@link #opened}, and the last that is heard of it. */
    void ended(EdgeStream stream);
}
