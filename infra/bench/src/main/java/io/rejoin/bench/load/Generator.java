package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.e2e.Jvm;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * The load generator, which runs in a JVM of its own, as the benchmark uses it. Each method returns when its operation
 * is done. Not thread-safe.
 */
public final class Generator implements AutoCloseable {
    private static final List<String> OPTIONS = List.of("-Xmx2g", "-XX:+UseParallelGC",
            "-Dlogback.configurationFile=logback.xml");
    private static final double QUIET_SECONDS = 5;
    private static final int END_SECONDS = 20;

    private final Process process;
    private final Writer orders;
    private final BufferedReader answers;
    private final Path errors;
    private int members;

    /**
     * The members that {@link #open} connects.
     *
     * @param prefix    of the names of rooms and users; unique for one start of the system
     * @param members   of each room
     * @param late      further members of each room, who connect during a load that {@link Load#arriving} made
     * @param stalled   further members of each room, who never read
     * @param perSecond how many members begin to connect in a second
     * @param resumes   whether a member that lost its connection asks for the messages that it missed
     */
    public record Members(String prefix, int rooms, int members, int late, int stalled, double perSecond,
            boolean resumes) {}

    /** How much the members post, in messages a second over all rooms: first a warm-up, then the measured window. */
    public static final class Load {
        private final double rate;
        private final double warmUpSeconds;
        private final double windowSeconds;
        private final LoadEvent event;
        private final double arrivals;

        private Load(double rate, double warmUpSeconds, double windowSeconds, LoadEvent event, double arrivals) {
            this.rate = rate;
            this.warmUpSeconds = warmUpSeconds;
            this.windowSeconds = windowSeconds;
            this.event = event;
            this.arrivals = arrivals;
        }

        /** A load in which all members post in turn, and nothing else happens. */
        public Load(double rate, double warmUpSeconds, double windowSeconds) {
            this(rate, warmUpSeconds, windowSeconds, LoadEvent.NONE, 0);
        }

        /**
         * The same load, but only one member of each room posts. When the window begins, all other members lose their
         * connections and reconnect.
         */
        public Load cutting() {
            return new Load(rate, warmUpSeconds, windowSeconds, LoadEvent.CUT, 0);
        }

        /**
         * The same load, but only one member of each room posts. When the window begins, the late members start to
         * connect.
         *
         * @param perSecond how many late members connect in a second
         */
        public Load arriving(double perSecond) {
            return new Load(rate, warmUpSeconds, windowSeconds, LoadEvent.ARRIVAL, perSecond);
        }
    }

    /** Callbacks at both ends of the measured window, on the thread that called {@link #load}. */
    public interface Window {
        void begins();

        void ends();
    }

    /** Starts the generator's JVM; its standard error goes to a file in {@code folder}. */
    public Generator(Path folder) throws IOException {
        errors = folder.resolve("generator.log");
        process = new ProcessBuilder(Jvm.command(OPTIONS, GeneratorMain.class.getName()))
                .redirectError(errors.toFile()).start();
        orders = process.outputWriter(UTF_8);
        answers = process.inputReader(UTF_8);
    }

    public long pid() {
        return process.pid();
    }

    /** Cuts the connections of earlier members, then connects these; returns the seconds until all had joined. */
    public double open(String dialect, List<Address> addresses, Members members) {
        this.members = members.members();
        var order = new GeneratorCommand.Open(dialect, addresses, members.prefix(), members.rooms(), members.members(),
                members.late(), members.stalled(), members.perSecond(), members.resumes(), threads());
        return answer(order, GeneratorReply.Opened.class).seconds();
    }

    /** Number of the generator's threads: half of the processors, but at least two. The rest is for the servers. */
    private static int threads() {
        return Math.max(2, Runtime.getRuntime().availableProcessors() / 2);
    }

    public Outcome load(Load load, Window window) {
        tell(new GeneratorCommand.Load(load.rate, load.warmUpSeconds, load.windowSeconds,
                load.event == LoadEvent.NONE ? members : 1, load.event, load.arrivals, QUIET_SECONDS));
        next(GeneratorReply.WindowBegins.class);
        window.begins();
        next(GeneratorReply.WindowEnds.class);
        window.ends();
        return next(GeneratorReply.Loaded.class).outcome();
    }

    /** Cuts all connections. */
    public void cut() {
        answer(new GeneratorCommand.Close(), GeneratorReply.Closed.class);
    }

    private <T extends GeneratorReply> T answer(GeneratorCommand order, Class<T> type) {
        tell(order);
        return next(type);
    }

    private void tell(GeneratorCommand order) {
        try {
            orders.write(GeneratorMain.MAPPER.writerFor(GeneratorCommand.class).writeValueAsString(order) + "\n");
            orders.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the generator does not take orders; see " + errors, e);
        }
    }

    private <T extends GeneratorReply> T next(Class<T> type) {
        try {
            var line = answers.readLine();
            if (line == null)
                throw new IllegalStateException("the generator has ended: " + Files.readString(errors).strip());
            var answer = GeneratorMain.MAPPER.readValue(line, GeneratorReply.class);
            if (answer instanceof GeneratorReply.Failed failed) throw new IllegalStateException(failed.why());
            return type.cast(answer);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read the answer of the generator", e);
        }
    }

    /** Ends the generator's JVM and so all its connections. */
    @Override
    public void close() throws IOException {
        orders.close();
        try {
            if (!process.waitFor(END_SECONDS, TimeUnit.SECONDS)) process.destroyForcibly();
        } catch (InterruptedException _) {
            process.destroyForcibly();
            Thread.currentThread().interrupt();
        }
    }
}
