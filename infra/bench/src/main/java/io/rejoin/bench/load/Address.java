package io.rejoin.bench.load;

import java.net.InetSocketAddress;

/** The address at which a server listens. */
public record Address(String host, int port) {
    InetSocketAddress socket() {
        return new InetSocketAddress(host, port);
    }
}
