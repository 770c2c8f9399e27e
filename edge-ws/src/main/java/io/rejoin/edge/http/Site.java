package io.rejoin.edge.http;

/** What is answered to requests that are no handshakes. */
@FunctionalInterface
public interface Site {
    /** Answers a request of any method and target. Called on the connection's own virtual thread; may block. */
    Answer answer(RequestHead request);
}
