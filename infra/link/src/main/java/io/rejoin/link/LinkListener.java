package io.rejoin.link;

/**
 * Receives the events of the streams that edges open to a router. Each call comes on the stream's own thread, so calls
 * for several streams can be concurrent.
 */
public interface LinkListener {
    /**
     * An edge has opened a stream. {@link EdgeStream#hello} names the edge and has its position. Frames sent from now
     * on reach the edge.
     */
    void opened(EdgeStream stream);

    /** The edge has sent its current position. */
    void reached(EdgeStream stream, Frame.Reached reached);

    /** The edge has appended a record to the command log. */
    void appended(EdgeStream stream, Frame.Appended appended);

    /** The stream has ended. Called after every {@link #opened}, as the last call for that stream. */
    void ended(EdgeStream stream);
}
