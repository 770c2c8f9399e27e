package io.rejoin.embedded;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Finds free TCP ports of the loopback address. The ports are below the usual ephemeral range. An ephemeral port could
 * become the source port of another connection between this check and the server's bind, or while the server restarts.
 * A client that reconnects may even connect to itself.
 */
public final class Ports {
    private static final int FIRST = 15_000;
    private static final int LAST = 32_000;
    private static final int TRIES = 200;

    private Ports() {}

    /** A port on which nobody listens now. */
    public static int free() {
        for (var n = 0; n < TRIES; n++) {
            var port = ThreadLocalRandom.current().nextInt(FIRST, LAST);
            if (isFree(port)) return port;
        }
        throw new StartException(
                "no free port found on 127.0.0.1 among " + TRIES + " tried of " + FIRST + " to " + LAST);
    }

    /** Whether a server could listen on this port of the loopback address now. */
    public static boolean isFree(int port) {
        try (var socket = new ServerSocket()) {
            socket.setReuseAddress(true);
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException _) {
            return false;
        }
    }
}
