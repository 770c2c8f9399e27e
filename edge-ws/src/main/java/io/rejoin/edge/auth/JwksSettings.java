package io.rejoin.edge.auth;

import java.time.Duration;

/**
 * Where the keys of tokens are published, and how they are read.
 *
 * @param location a file or an {@code http(s)} URL
 * @param timeout  bound of one whole read
 * @param maxBytes the largest JWKS that is read
 * @param refresh  how old keys may become before they are read again
 * @param keep     how long they are used while they cannot be read again
 */
public record JwksSettings(String location, Duration timeout, int maxBytes, Duration refresh, Duration keep) {
    boolean isUrl() {
        return location.startsWith("http://") || location.startsWith("https://");
    }
}
