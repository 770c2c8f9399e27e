package io.rejoin.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * A Kafka broker (KRaft, one node) in a child JVM. The broker listens on the loopback address and keeps its data below
 * one folder. It ends with this process, even when this process is killed. Any thread may call its methods.
 *
 * <p>Topics are never created automatically. Acknowledged records survive {@link #kill}, but not a loss of power.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(8);

    private static final class Shared {
        private static final EmbeddedKafka BROKER = temporary();
    }

    /**
     * An additional listener for clients.
     *
     * @param name       unique, of letters and digits
     * @param port       where the broker listens
     * @param advertised the port that the broker gives to clients of this listener: the port itself, or that of a proxy
     *                   in front of it
     * @param protocol   Kafka's name of the security protocol, such as {@code SASL_SSL}
     */
    public record Listener(String name, int port, int advertised, String protocol) {
        /** A listener without encryption and authentication. */
        public Listener(String name, int port, int advertised) {
            this(name, port, advertised, "PLAINTEXT");
        }
    }

    private final Path data;
    private final List<Listener> listeners;
    private final Map<String, String> settings;
    private final List<String> options;
    private final FolderLock lock;
    private Child child;

    private EmbeddedKafka(Path data, List<Listener> listeners, Map<String, String> settings, List<String> options,
            FolderLock lock) {
        this.data = data;
        this.listeners = listeners;
        this.settings = Map.copyOf(settings);
        this.options = List.copyOf(options);
        this.lock = lock;
        this.child = launch();
    }

    /**
     * Starts a broker and waits until it serves clients.
     *
     * @param data the data folder, created if missing; a broker of an earlier process that still uses it is stopped
     *             first
     * @param port where clients connect; 0 for any free port
     * @throws StartException if the broker does not become ready, or the folder is in use
     */
    public static EmbeddedKafka start(Path data, int port) {
        return start(data, port, List.of());
    }

    /** Like {@link #start(Path, int)}, with additional listeners. */
    public static EmbeddedKafka start(Path data, int port, List<Listener> more) {
        return start(data, port, more, Map.of());
    }

    /**
     * Like {@link #start(Path, int, List)}, with additional broker settings. They cannot change the listeners or the
     * settings for a single node.
     */
    public static EmbeddedKafka start(Path data, int port, List<Listener> more, Map<String, String> settings) {
        return start(data, port, more, settings, List.of());
    }

    /**
     * Like {@link #start(Path, int, List, Map)}, with additional JVM options. They come last, so they override the
     * defaults. By default the JVM has a small heap and only the first compiler, so that it starts fast and uses few
     * resources.
     */
    public static EmbeddedKafka start(Path data, int port, List<Listener> more, Map<String, String> settings,
            List<String> options) {
        var client = port == 0 ? Ports.free() : port;
        var listeners = Stream.concat(Stream.of(new Listener("CLIENT", client, client)), more.stream()).toList();
        var folder = data.toAbsolutePath().normalize();
        var lock = FolderLock.take(folder);
        try {
            stopLeftover(folder);
            return new EmbeddedKafka(folder, listeners, settings, options, lock);
        } catch (RuntimeException e) {
            lock.close();
            throw e;
        }
    }

    /**
     * The broker that all tests of this JVM share. It starts with the first call. The broker and its data are removed
     * when the JVM ends.
     */
    public static EmbeddedKafka shared() {
        return Shared.BROKER;
    }

    /** Starts a broker in a temporary folder. Both are removed when this JVM ends. */
    public static EmbeddedKafka temporary() {
        var folder = TestFolder.create("kafka");
        var started = start(folder, 0);
        TestFolder.deleteAtExit(folder, started::kill);
        return started;
    }

    /** The settings that let a single broker work and recover fast. They do not include its folder and listeners. */
    public static Map<String, String> settings() {
        return BrokerCommand.settings();
    }

    /** The value of {@code bootstrap.servers} for clients. Restarts do not change it. */
    public String bootstrapServers() {
        return "127.0.0.1:" + listeners.getFirst().port();
    }

    public synchronized long pid() {
        return child.pid();
    }

    /** Kills the broker with SIGKILL, like a crash, and waits until the process is gone. */
    public synchronized void kill() {
        child.kill();
    }

    /** Stops the broker if it runs, starts it on the same data and port, and waits until it serves clients. */
    public synchronized void restart() {
        child.terminate(STOP);
        child = launch();
    }

    /** Stops the broker. If that takes longer than {@code STOP}, kills it with SIGKILL. */
    @Override
    public synchronized void close() {
        child.terminate(STOP);
        lock.close();
    }

    private Child launch() {
        try {
            var properties = BrokerCommand.properties(data, listeners, settings, Ports.free());
            var command = Launch.signalled("KILL", BrokerCommand.command(data, properties, options));
            var started = Child.start("kafka", command, data.resolve("broker.log"), BrokerMain.READY);
            Files.writeString(pidFile(data), Long.toString(started.pid()));
            started.awaitReady(START);
            return started;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write the broker's files in " + data, e);
        }
    }

    private static Path pidFile(Path data) {
        return data.resolve("broker.pid");
    }

    private static void stopLeftover(Path data) {
        Leftover.find(pidFile(data), data.resolve("broker.properties").toString()).ifPresent(broker -> {
            broker.destroyForcibly();
            if (!Leftover.awaitEnd(broker, Duration.ofSeconds(10)))
                throw new StartException("a broker of an earlier run, process " + broker.pid() + ", uses " + data
                        + " and cannot be stopped; kill it by hand");
        });
    }
}
