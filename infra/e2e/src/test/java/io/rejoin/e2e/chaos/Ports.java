package io.rejoin.e2e.chaos;

import java.util.HashSet;
import java.util.Set;

/** Hands out free ports, all different. Not thread-safe. */
final class Ports {
    private final Set<Integer> given = new HashSet<>();

    int next() {
        while (true) {
            var port = io.rejoin.embedded.Ports.free();
            if (given.add(port)) return port;
        }
    }
}
