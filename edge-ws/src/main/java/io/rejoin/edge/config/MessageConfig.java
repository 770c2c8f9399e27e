package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import java.time.Duration;

/**
 * Direct messages, and those that have to be confirmed.
 *
 * @param direct        whether connections join the personal rooms of their users by themselves
 * @param confirmWithin how long a message that must be confirmed is delivered again
 */
public record MessageConfig(boolean direct, Duration confirmWithin) {
    static MessageConfig from(Settings settings) {
        return new MessageConfig(settings.choice("EDGE_DIRECT", "on", "off").equals("on"),
                settings.duration("EDGE_CONFIRM_WITHIN", "P7D", "PT1S", "P30D"));
    }
}
