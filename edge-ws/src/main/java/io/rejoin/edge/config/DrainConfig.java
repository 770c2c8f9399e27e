package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import java.time.Duration;

/**
 * How an edge ends.
 *
 * @param delay  time in which it is unready and still serves as ever, until every load balancer has seen that
 * @param spread time after that, over which clients are sent away before the end
 */
public record DrainConfig(Duration delay, Duration spread) {
    static DrainConfig from(Settings settings) {
        return new DrainConfig(settings.duration("EDGE_DRAIN_DELAY", "PT5S", "PT0S", "PT59M59S"),
                settings.duration("EDGE_DRAIN", "PT5S", "PT0S", "PT59M59S"));
    }
}
