package io.rejoin.link;

/** A router's end of a stream to an edge. Safe for any thread; no method blocks. */
public interface EdgeStream {
    /** Who is at the other end, as it was when the stream began. */
    Frame.Hello hello();

    /** Says something; what was said before arrives before it. Of a stream that is over, nothing comes of it. */
    void say(byte[] frame);

    /** Ends the stream; what was not sent yet is lost. */
    void close();
}
