package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import java.time.Duration;

/**
 * How long users are shown.
 *
 * @param grace time for which a user is still shown in its rooms after its connection broke; zero for none
 */
public record PresenceConfig(Duration grace) {
    static PresenceConfig from(Settings settings) {
        return new PresenceConfig(settings.duration("EDGE_PRESENCE_GRACE", "PT5S", "PT0S", "PT5M"));
    }
}
