package io.rejoin.edge;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentSkipListMap;

/** Plays the history service, with the messages that the test's router adds. */
final class TestHistory implements AutoCloseable {
    private final Map<RoomId, NavigableMap<Long, StoredMessage>> rooms = new ConcurrentHashMap<>();
    private final HttpServer server;
    private volatile boolean isUnavailable;

    TestHistory() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/health", exchange -> answer(exchange, "{}".getBytes(UTF_8)));
        server.createContext(ReplayCodec.PATH, exchange -> answer(exchange, page(exchange.getRequestURI())));
        server.start();
    }

    URI url() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort());
    }

    void setUnavailable(boolean now) {
        isUnavailable = now;
    }

    void add(RoomId room, StoredMessage message) {
        of(room).put(message.seq(), message);
    }

    private NavigableMap<Long, StoredMessage> of(RoomId room) {
        return rooms.computeIfAbsent(room, _ -> new ConcurrentSkipListMap<>());
    }

    private byte[] page(URI request) {
        var query = new HashMap<String, String>();
        for (var pair : request.getRawQuery().split("&", -1)) {
            var parts = pair.split("=", 2);
            query.put(parts[0], URLDecoder.decode(parts[1], UTF_8));
        }
        var room = RoomId.of(query.getOrDefault("room", ""));
        var messages = new TreeMap<>(of(room));
        var wanted = messages.tailMap(Long.valueOf(query.getOrDefault("after", "0")), false)
                .headMap(Long.valueOf(query.getOrDefault("to", "0")), true).values().stream()
                .limit(Integer.parseInt(query.getOrDefault("limit", "0"))).toList();
        return ReplayCodec.write(new ReplayPage(room, 1, messages.isEmpty() ? 0 : messages.lastKey(),
                List.copyOf(wanted), null));
    }

    private void answer(HttpExchange exchange, byte[] body) throws IOException {
        try (exchange) {
            exchange.sendResponseHeaders(isUnavailable ? 503 : 200, body.length);
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
