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
 * A Kafka broker (KRaft, one node) in a child JVM, on the loopback address, with its data below one folder. It ends with this
 * process, however that ends. Methods may be called from any thread.
 *
 * <p>Topics are never created by themselves. Every acknowledged record survives {@link #kill}; not a loss of power.
 */
public final class EmbeddedKafka implements AutoCloseable {
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(8);

    private static final class Shared {
        private static final EmbeddedKafka BROKER = temporary();
    }

    /**
     * One more place where clients connect.
     *
     * @param name       unique, of letters and digits
     * @param port       where the broker listens
     * @param advertised where clients that come by it are told to connect: the port itself, or that of a proxy before it
     * @param protocol   how it is guarded, as Kafka calls it: {@code SASL_SSL}
     */
    public record Listener(String name, int port, int advertised, String protocol) {
        /** Without any guard. */
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
     * @param data its folder, created if missing; a broker that an earlier process left there is stopped first
     * @param port where clients connect; 0 takes any free one
     * @throws StartException if it does not get ready, or the folder is in use
     */
    public static EmbeddedKafka start(Path data, int port) {
        return start(data, port, List.of());
    }

    /** As {@link #start(Path, int)}, with more listeners than the one of {@code port}. */
    public static EmbeddedKafka start(Path data, int port, List<Listener> more) {
        return start(data, port, more, Map.of());
    }

    /**
     * As {@link #start(Path, int, List)}, with more settings of the broker. What they say counts, unless this broker needs it
     * otherwise: where it listens, and that it is alone.
     */
    public static EmbeddedKafka start(Path data, int port, List<Listener> more, Map<String, String> settings) {
        return start(data, port, more, settings, List.of());
    }

    /**
     * As {@link #start(Path, int, List, Map)}, with more options of its JVM. They come last, so they win: by default it has a
     * small heap and the first compiler alone, to be there soon and take little.
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

    /** One broker for all tests of this JVM, started when first asked for, gone with its data when the JVM ends. */
    public static EmbeddedKafka shared() {
        return Shared.BROKER;
    }

    /** Starts a broker in a temporary folder; both are gone when this JVM ends. */
    public static EmbeddedKafka temporary() {
        var folder = TestFolder.create("kafka");
        var started = start(folder, 0);
        TestFolder.deleteAtExit(folder, started::kill);
        return started;
    }

    /** The settings, beside those of its place and listeners, that make one broker enough and quick to come back. */
    public static Map<String, String> settings() {
        return BrokerCommand.settings();
    }

    /** What clients set as {@code bootstrap.servers}; stays the same over restarts. */
    public String bootstrapServers() {
        return "127.0.0.1:" + listeners.getFirst().port();
    }

    public synchronized long pid() {
        return child.pid();
    }

    /** SIGKILL, as a crash would; returns once the process is gone. */
    public synchronized void kill() {
        child.kill();
    }

    /** Starts the broker again on the same data and port, after stopping it if it still runs; waits until it serves. */
    public synchronized void restart() {
        child.terminate(STOP);
        child = launch();
    }

    /** An orderly stop, which becomes a SIGKILL after {@code STOP}. */
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
            throw new UncheckedIOException("write the broker's files in " + data, e);
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
                        + " and cannot be stopped; end it by hand");
        });
    }
}
