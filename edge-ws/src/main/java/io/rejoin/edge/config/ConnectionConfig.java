package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import io.rejoin.edge.websocket.Rates;
import java.time.Duration;

/**
 * What one connection may do.
 *
 * @param heartbeat   silence of a client after which it is pinged; twice that and it is given up
 * @param rooms       most it may be in
 * @param newRooms    how many a second it may join that nobody on this edge is in; {@code rooms} at once
 * @param outboxBytes what may wait for it before it is caught up from history instead
 * @param rates       what it may send
 */
public record ConnectionConfig(Duration heartbeat, int rooms, int newRooms, int outboxBytes, Rates rates) {
    /** More than the largest message: text of 64 KiB takes three times as much in a frame where all of it is surrogates. */
    static final int LEAST_OUTBOX = 256 * 1024;

    static ConnectionConfig from(Settings settings) {
        return new ConnectionConfig(settings.duration("EDGE_HEARTBEAT", "PT25S", "PT0.1S", "PT1H"),
                settings.integer("EDGE_MAX_ROOMS_PER_CONNECTION", 100, 1, Integer.MAX_VALUE),
                settings.integer("EDGE_RATE_NEW_ROOMS", 20, 1, 1_000_000),
                settings.integer("EDGE_OUTBOX_BYTES", 512 * 1024, LEAST_OUTBOX, Integer.MAX_VALUE),
                Rates.of(settings.integer("EDGE_RATE_FRAMES", 100, 1, Integer.MAX_VALUE),
                        settings.integer("EDGE_RATE_BYTES", 1024 * 1024, 1024, Integer.MAX_VALUE)));
    }
}
