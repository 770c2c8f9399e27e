package io.rejoin.edge.config;

import io.rejoin.contracts.env.Settings;
import io.rejoin.edge.websocket.Rates;
import java.time.Duration;

/**
 * The limits of one connection.
 *
 * @param heartbeat   silence after which the client is pinged; after twice this time the connection is closed
 * @param rooms       the maximum number of rooms it may be in
 * @param newRooms    joins per second to rooms without a member on this edge; the burst size is {@code rooms}
 * @param outboxBytes bytes that may wait for the client; beyond that, it is caught up from history
 * @param rates       the rate limits for the client's frames
 */
public record ConnectionConfig(Duration heartbeat, int rooms, int newRooms, int outboxBytes, Rates rates) {
    /** More than the largest message: a text of 64 KiB takes three times as much in a frame if it is all surrogates. */
    static final int MIN_OUTBOX_BYTES = 256 * 1024;

    static ConnectionConfig from(Settings settings) {
        return new ConnectionConfig(settings.duration("EDGE_HEARTBEAT", "PT25S", "PT0.1S", "PT1H"),
                settings.integer("EDGE_MAX_ROOMS_PER_CONNECTION", 100, 1, Integer.MAX_VALUE),
                settings.integer("EDGE_RATE_NEW_ROOMS", 20, 1, 1_000_000),
                settings.integer("EDGE_OUTBOX_BYTES", 512 * 1024, MIN_OUTBOX_BYTES, Integer.MAX_VALUE),
                Rates.of(settings.integer("EDGE_RATE_FRAMES", 100, 1, Integer.MAX_VALUE),
                        settings.integer("EDGE_RATE_BYTES", 1024 * 1024, 1024, Integer.MAX_VALUE)));
    }
}
