package io.rejoin.bench.system;

import io.rejoin.bench.load.Address;
import io.rejoin.embedded.EmbeddedPostgres;
import io.rejoin.embedded.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The running servers of a peer, and the stores that they share. */
final class PeerDeployment implements Deployment {
    private static final String HOST = "127.0.0.1";

    private final Peer peer;
    private final Path folder;
    private final Closers closers = new Closers();
    private final @Nullable ServerProgram redis;
    private final @Nullable EmbeddedPostgres postgres;
    private final List<ServerProgram> servers = new ArrayList<>();
    private final List<Address> addresses = new ArrayList<>();

    /** @param programs the folder of the prepared peers */
    PeerDeployment(Peer peer, Path programs, Path folder) throws IOException {
        this.peer = peer;
        this.folder = folder;
        var environment = new HashMap<>(Map.of("MODE", peer.mode(), "NODE_ENV", "production"));
        try {
            redis = peer.stores().contains(Peer.Store.REDIS) ? redis(environment) : null;
            postgres = peer.stores().contains(Peer.Store.POSTGRES) ? postgres(environment) : null;
            for (var n = 0; n < peer.servers(); n++) server(n, programs, environment);
            for (var server : servers) server.awaitReady("ready");
        } catch (IOException | RuntimeException e) {
            closers.close();
            throw e;
        }
    }

    /** Starts Redis with an append-only file that is flushed every second, which is Redis's default for such a file. */
    private ServerProgram redis(Map<String, String> environment) throws IOException {
        var port = Ports.free();
        var data = Files.createDirectories(folder.resolve("redis"));
        var command = List.of("redis-server", "--port", "" + port, "--bind", HOST, "--dir", data.toString(), "--save",
                "",
                "--appendonly", "yes", "--appendfsync", "everysec");
        var started = closers.opened(new ServerProgram("redis", command, data, Map.of(), folder));
        started.awaitReady("Ready to accept connections");
        environment.put("REDIS_URL", "redis://" + HOST + ":" + port);
        return started;
    }

    private EmbeddedPostgres postgres(Map<String, String> environment) {
        var started = closers.opened(EmbeddedPostgres.start(folder.resolve("postgres"), 0));
        var address = started.jdbcUrl().substring("jdbc:postgresql://".length());
        environment.put("POSTGRES_URL", "postgres://" + started.user() + ":" + started.password() + "@" + address);
        return started;
    }

    private void server(int number, Path programs, Map<String, String> environment) throws IOException {
        var address = new Address(HOST, Ports.free());
        var own = new HashMap<>(environment);
        own.put("PORT", "" + address.port());
        servers.add(closers.opened(new ServerProgram("server-" + number, peer.command(), programs, own, folder)));
        addresses.add(address);
    }

    @Override
    public String dialect() {
        return peer.dialect();
    }

    @Override
    public List<Address> addresses() {
        return List.copyOf(addresses);
    }

    @Override
    public Map<String, List<Long>> pids() {
        var pids = new LinkedHashMap<String, List<Long>>();
        pids.put("server", servers.stream().map(ServerProgram::pid).toList());
        if (redis != null) pids.put("redis", RejoinDeployment.tree(redis.pid()));
        if (postgres != null) pids.put("postgres", RejoinDeployment.tree(postgres.pid()));
        return pids;
    }

    @Override
    public boolean collectGarbage() {
        servers.forEach(ServerProgram::collectGarbage);
        return true;
    }

    @Override
    public void close() {
        closers.close();
    }
}
