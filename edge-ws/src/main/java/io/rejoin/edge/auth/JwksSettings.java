package io.rejoin.edge.auth;

import java.time.Duration;

/**
 * Where the keys that verify tokens are published, and how they are read.
 *
 * @param location a file or an {@code http(s)} URL
 * @param timeout  the limit for one whole read
 * @param maxBytes the largest JWKS that is read
 * @param refresh  the age at which the keys are read again
 * @param keep     how long the keys stay in use while they cannot be read again
 */
public record JwksSettings(String location, Duration timeout, int maxBytes, Duration refresh, Duration keep) {
    boolean isUrl() {
        return location.startsWith("http://") || location.startsWith("https://");
    }
}
