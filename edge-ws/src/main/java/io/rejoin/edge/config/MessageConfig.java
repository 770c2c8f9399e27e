package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import java.time.Duration;

/**
 * Settings for direct messages, and for messages that must be confirmed.
 *
 * @param direct        whether a connection joins the personal room of its user automatically
 * @param confirmWithin how long an unconfirmed message is redelivered
 */
public record MessageConfig(boolean direct, Duration confirmWithin) {
    static MessageConfig from(Settings settings) {
        return new MessageConfig(settings.choice("EDGE_DIRECT", "on", "off").equals("on"),
                settings.duration("EDGE_CONFIRM_WITHIN", "P7D", "PT1S", "P30D"));
    }
}
