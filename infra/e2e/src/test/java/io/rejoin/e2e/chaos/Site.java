package io.rejoin.e2e.chaos;

import static java.util.Objects.requireNonNull;

import io.rejoin.e2e.ServiceProcess;
import io.rejoin.embedded.EmbeddedKafka;
import io.rejoin.embedded.EmbeddedPostgres;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/**
 * The system under faults: two edges, two routers, history, a broker and PostgreSQL, each in a process of its own. Each
 * link between them has a proxy. The broker and PostgreSQL are never containers, because a full disk is simulated under
 * PostgreSQL's files, and both are measured and stopped like all other processes.
 *
 * <p>Safe for any thread, as long as no two threads change the same part at once.
 */
final class Site implements AutoCloseable {
    private static final Duration STOPS = Duration.ofSeconds(30);

    private final Network network = new Network();
    private final Path folder;
    private final EmbeddedKafka kafka;
    private final EmbeddedPostgres postgres;
    private final @Nullable SmallDisk disk;
    private final Map<Part, ServiceProcess> services = new EnumMap<>(Part.class);
    private final Set<ServiceProcess> guests = ConcurrentHashMap.newKeySet();
    private final Supervisor supervisor;
    private final Probe probe;
    /** Resources to close, the last opened first. */
    private final Deque<AutoCloseable> closers = new ArrayDeque<>();

    /** Starts all processes, with their data and logs in {@code folder}. */
    static Site start(Path folder, boolean smallDisk) {
        return new Site(folder, smallDisk);
    }

    private Site(Path folder, boolean smallDisk) {
        this.folder = folder;
        this.supervisor = new Supervisor(this);
        var started = false;
        try {
            closers.push(network);
            kafka = EmbeddedKafka.start(folder.resolve("kafka"), network.kafkaPort(), network.listeners());
            closers.push(kafka);
            disk = smallDisk ? smallDisk() : null;
            if (disk != null) closers.push(disk);
            postgres = EmbeddedPostgres.start(postgresFolder(), network.postgresPort());
            closers.push(postgres);
            probe = new Probe(this);
            closers.push(probe);
            closers.push(this::killServices);
            var launch = new Launch(network, folder, postgres);
            for (var part : Part.SERVICES) services.put(part, launch.service(part));
            closers.push(supervisor::end);
            supervisor.begin();
            started = true;
        } finally {
            if (!started) close();
        }
    }

    private Path postgresFolder() {
        return folder.resolve("postgres");
    }

    /** Starts PostgreSQL once to create its files, then moves these onto a small disk. */
    private SmallDisk smallDisk() {
        EmbeddedPostgres.start(postgresFolder(), network.postgresPort()).close();
        return SmallDisk.under(postgresFolder().resolve("database"));
    }

    // operations of faults

    void kill(Part part) {
        supervisor.mayBeDown(part);
        switch (part) {
            case KAFKA -> kafka.kill();
            case POSTGRES -> postgres.kill();
            default -> service(part).kill();
        }
    }

    /** Sends SIGTERM; SIGKILL if the process does not end in time, which is noted. */
    void stop(Part part) {
        supervisor.mayBeDown(part);
        if (!service(part).terminate(STOPS))
            supervisor.note(part.label() + " did not end within " + STOPS.toSeconds() + " s of SIGTERM: killed");
    }

    /** Starts a stopped part. Returns when Kafka or PostgreSQL serves; for a service, when its process runs. */
    void start(Part part, Map<String, String> more) {
        switch (part) {
            case KAFKA -> kafka.restart();
            case POSTGRES -> postgres.restart();
            default -> service(part).restart(more);
        }
        supervisor.shouldRun(part);
    }

    void startIfDead(Part part) {
        if (!isAlive(part)) start(part, Map.of());
    }

    Fault.Heal freeze(Part part) {
        var frozen = tree(part);
        ServiceProcess.signal("STOP", frozen);
        return () -> ServiceProcess.signal("CONT", frozen);
    }

    Proxy proxy(Link link) {
        return network.proxy(link);
    }

    /** Starts a further router. */
    ServiceProcess guestComes() {
        var guest = new Launch(network, folder, postgres).guest();
        guests.add(guest);
        return guest;
    }

    /** Stops a further router with SIGTERM. */
    void guestLeaves(ServiceProcess guest) {
        if (!guest.terminate(STOPS) && !Thread.currentThread().isInterrupted())
            supervisor.note("the guest router did not end within " + STOPS.toSeconds() + " s of SIGTERM: killed");
        guests.remove(guest);
    }

    SmallDisk smallDiskOfPostgres() {
        return requireNonNull(disk, "this run has no small disk for PostgreSQL");
    }

    // queries

    boolean isAlive(Part part) {
        return ProcessHandle.of(pid(part)).map(ProcessHandle::isAlive).orElse(false);
    }

    /** The id of a part's main process, even if it has ended. */
    long pid(Part part) {
        return switch (part) {
            case KAFKA -> kafka.pid();
            case POSTGRES -> postgres.pid();
            default -> service(part).pid();
        };
    }

    /** The ids of a part's processes, the main one first. */
    List<Long> tree(Part part) {
        var pids = new ArrayList<>(List.of(pid(part)));
        ProcessHandle.of(pid(part)).ifPresent(main -> main.descendants().forEach(child -> pids.add(child.pid())));
        return List.copyOf(pids);
    }

    ServiceProcess service(Part part) {
        return requireNonNull(services.get(part), part::label);
    }

    Network network() {
        return network;
    }

    Path folder() {
        return folder;
    }

    Supervisor supervisor() {
        return supervisor;
    }

    Probe probe() {
        return probe;
    }

    /** Kafka's bootstrap servers, without a proxy. */
    String bootstrapServers() {
        return kafka.bootstrapServers();
    }

    /** The clients' URL of an edge, through its proxy. */
    URI edge(int index) {
        return URI.create("ws://" + network.address(Link.OF_CLIENTS.get(index)));
    }

    /** The URL of the history service, without a proxy. */
    URI history() {
        return URI.create("http://127.0.0.1:" + network.historyPort());
    }

    private void killServices() {
        guests.forEach(ServiceProcess::close);
        services.values().forEach(ServiceProcess::close);
    }

    @Override
    public void close() {
        while (!closers.isEmpty()) {
            var closer = closers.pop();
            try {
                closer.close();
            } catch (Exception e) { // the others must be closed too
                supervisor.note("cannot stop all processes: " + e);
            }
        }
    }
}
