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

/** The generator in a JVM of its own, as its user sees it: each method returns when what it says is done. Of one thread. */
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
     * Who connects.
     *
     * @param prefix    of rooms' and users' names, unique in the system's life
     * @param members   of each room
     * @param late      more members of each room, who come when {@link Load#arriving} lets them
     * @param stalled   more members of each room, who never read
     * @param perSecond how many begin to connect in a second
     * @param resumes   whether who lost a connection asks for what was missed
     */
    public record Members(String prefix, int rooms, int members, int late, int stalled, double perSecond,
            boolean resumes) {}

    /** How much is posted: so many a second over all rooms; first so long to warm up, then so long measured. */
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

        /** All members post in turn, and nothing else happens. */
        public Load(double rate, double warmUpSeconds, double windowSeconds) {
            this(rate, warmUpSeconds, windowSeconds, LoadEvent.NONE, 0);
        }

        /** One member of each room posts. When the window begins, all others lose their connections, and come back. */
        public Load cutting() {
            return new Load(rate, warmUpSeconds, windowSeconds, LoadEvent.CUT, 0);
        }

        /** One member of each room posts. When the window begins, the late members come, so many a second. */
        public Load arriving(double perSecond) {
            return new Load(rate, warmUpSeconds, windowSeconds, LoadEvent.ARRIVAL, perSecond);
        }
    }

    /** What is done at both ends of the measured window; on the thread that waits for the load. */
    public interface Window {
        void begins();

        void ends();
    }

    /** Starts it; {@code folder} gets what it writes to its standard error. */
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

    /** Connects members, after cutting those of before; returns the seconds until all had joined. */
    public double open(String dialect, List<Address> addresses, Members members) {
        this.members = members.members();
        var order = new Order.Open(dialect, addresses, members.prefix(), members.rooms(), members.members(),
                members.late(), members.stalled(), members.perSecond(), members.resumes(), threads());
        return answer(order, Answer.Opened.class).seconds();
    }

    /** One for each pair of processors, two at least: the servers are to have the rest. */
    private static int threads() {
        return Math.max(2, Runtime.getRuntime().availableProcessors() / 2);
    }

    public Outcome load(Load load, Window window) {
        tell(new Order.Load(load.rate, load.warmUpSeconds, load.windowSeconds,
                load.event == LoadEvent.NONE ? members : 1, load.event, load.arrivals, QUIET_SECONDS));
        next(Answer.WindowBegins.class);
        window.begins();
        next(Answer.WindowEnds.class);
        window.ends();
        return next(Answer.Loaded.class).outcome();
    }

    /** Cuts all connections. */
    public void cut() {
        answer(new Order.Close(), Answer.Closed.class);
    }

    private <T extends Answer> T answer(Order order, Class<T> type) {
        tell(order);
        return next(type);
    }

    private void tell(Order order) {
        try {
            orders.write(GeneratorMain.MAPPER.writerFor(Order.class).writeValueAsString(order) + "\n");
            orders.flush();
        } catch (IOException e) {
            throw new UncheckedIOException("the generator does not listen; see " + errors, e);
        }
    }

    private <T extends Answer> T next(Class<T> type) {
        try {
            var line = answers.readLine();
            if (line == null)
                throw new IllegalStateException("the generator has ended: " + Files.readString(errors).strip());
            var answer = GeneratorMain.MAPPER.readValue(line, Answer.class);
            if (answer instanceof Answer.Failed failed) throw new IllegalStateException(failed.why());
            return type.cast(answer);
        } catch (IOException e) {
            throw new UncheckedIOException("the generator's answer", e);
        }
    }

    /** Ends it, and its connections with it. */
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
