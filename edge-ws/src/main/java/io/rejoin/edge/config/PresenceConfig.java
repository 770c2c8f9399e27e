package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import java.time.Duration;

/**
 * Settings for presence.
 *
 * @param grace how long a user stays present in its rooms after its connection broke; zero for not at all
 */
public record PresenceConfig(Duration grace) {
    static PresenceConfig from(Settings settings) {
        return new PresenceConfig(settings.duration("EDGE_PRESENCE_GRACE", "PT5S", "PT0S", "PT5M"));
    }
}
