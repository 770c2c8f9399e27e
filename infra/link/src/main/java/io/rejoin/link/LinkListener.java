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
    void onOpened(EdgeStream stream);

    /** The edge has sent its current position. */
    void onPositions(EdgeStream stream, Frame.Positions positions);

    /** The edge has appended a record to the command log. */
    void onAppended(EdgeStream stream, Frame.Appended appended);

    /** The stream has ended. Called after every {@link #onOpened}, as the last call for that stream. */
    void onEnded(EdgeStream stream);
}
