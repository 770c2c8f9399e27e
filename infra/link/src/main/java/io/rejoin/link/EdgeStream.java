package io.rejoin.link;

/** The router's end of a stream to an edge. Safe for any thread; no method blocks. */
public interface EdgeStream {
    /** The frame with which the edge opened the stream; it names the edge. */
    Frame.Hello hello();

    /**
     * Sends an encoded frame. Frames arrive in the order of the calls. Ends the stream if too much is waiting or the
     * edge is silent. Has no effect if the stream has ended.
     */
    void send(byte[] frame);

    /** Ends the stream. Frames that are still in the queue are lost. */
    void close();
}
