package io.rejoin.bench.system;

import io.rejoin.bench.load.Dialects;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * A system with which Rejoin is compared: one or two small servers from {@code infra/bench/peers}, written as their
 * library's documentation shows.
 *
 * @param command to start a server; runs in the folder of the prepared peers
 * @param mode    of a server that supports several modes
 * @param stores  that the servers share
 */
record Peer(String name, String description, String dialect, int servers, List<String> command, String mode,
        List<Store> stores, boolean resumes) implements Candidate {
    private static final List<String> WS = List.of("node", "--expose-gc", "node/ws.js");
    private static final List<String> SOCKET_IO = List.of("node", "--expose-gc", "node/socketio.js");
    private static final List<String> CENTRIFUGE = List.of("./centrifuge");
    private static final List<Store> REDIS = List.of(Store.REDIS);

    /** In the order of the tables. */
    static final List<Peer> ALL = List.of(
            new Peer("node-pubsub",
                    "2 × Node ws, Redis pub/sub; an ack comes after Redis has published, nothing is kept",
                    Dialects.JSON, 2, WS, "pubsub", REDIS, false),
            new Peer("node-stream",
                    "2 × Node ws, Redis pub/sub and a stream for each room; an ack comes after the stream has the message, "
                            + "which is on disk within a second",
                    Dialects.JSON, 2, WS, "stream", REDIS, true),
            new Peer("node-postgres",
                    "2 × Node ws, Redis pub/sub, PostgreSQL; an ack comes after the commit, nothing is resumed",
                    Dialects.JSON, 2, WS, "postgres", List.of(Store.REDIS, Store.POSTGRES), false),
            new Peer("socketio",
                    "2 × Socket.IO, Redis adapter; an ack comes once a server has the message, nothing is kept, and members at "
                            + "different servers may see different orders",
                    Dialects.SOCKET_IO, 2, SOCKET_IO, "", REDIS, false),
            new Peer("centrifuge",
                    "1 × centrifuge (the library in Centrifugo), nothing but its memory; nothing is kept",
                    Dialects.CENTRIFUGE, 1, CENTRIFUGE, "memory", List.of(), false),
            new Peer("centrifuge-redis",
                    "2 × centrifuge, Redis, which keeps 300 messages of a room for a minute; an ack comes after Redis has the "
                            + "message, which is on disk within a second",
                    Dialects.CENTRIFUGE, 2, CENTRIFUGE, "redis", REDIS, true));

    /** A store that the servers share, in processes of its own. */
    enum Store {
        /** With an append-only file, flushed every second. */
        REDIS, POSTGRES
    }

    @Override
    public Optional<String> missing() {
        return PeerPrograms.missing(name);
    }

    /**
     * Socket.IO's adapter sends a message first to the members at the poster's own server, and to the others through
     * Redis.
     */
    @Override
    public boolean keepsOrder() {
        return !command.equals(SOCKET_IO);
    }

    @Override
    public Deployment start(Path folder) throws IOException {
        return new PeerDeployment(this, PeerPrograms.folder(), folder);
    }
}
