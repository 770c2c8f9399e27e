package io.rejoin.edge.websocket;

import java.io.IOException;

/** Where a peer's bytes come from, in pieces of any size. */
interface ByteSource {
    /** Waits for the next bytes; an empty array says that there will be no more. */
    byte[] next() throws IOException;
}
