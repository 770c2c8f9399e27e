package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import java.time.Duration;

/**
 * How an edge drains before it ends.
 *
 * @param delay  time in which the edge is unready but still serves, so that every load balancer notices
 * @param spread time after the delay, over which clients are sent to other edges
 */
public record DrainConfig(Duration delay, Duration spread) {
    static DrainConfig from(Settings settings) {
        return new DrainConfig(settings.duration("EDGE_DRAIN_DELAY", "PT5S", "PT0S", "PT59M59S"),
                settings.duration("EDGE_DRAIN", "PT5S", "PT0S", "PT59M59S"));
    }
}
