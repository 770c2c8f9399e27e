package io.rejoin.edge.websocket;

import java.io.IOException;

/** The source of a peer's bytes, in pieces of any size. */
interface ByteSource {
    /** Waits for the next bytes. An empty array means that the stream has ended. */
    byte[] next() throws IOException;
}
