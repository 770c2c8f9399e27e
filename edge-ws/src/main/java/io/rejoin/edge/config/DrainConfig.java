package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import java.time.Duration;

/**
 * How an edge ends.
 *
 * @param spread time over which clients are sent away before the end
 */
public record DrainConfig(Duration spread) {
    static DrainConfig from(Settings settings) {
        return new DrainConfig(settings.duration("EDGE_DRAIN", "PT5S", "PT0S", "PT59M59S"));
    }
}
