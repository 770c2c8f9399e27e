package io.rejoin.contracts.env;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.security.Security;
import java.time.Duration;
import java.util.Objects;
import java.util.function.Function;
import java.util.function.IntConsumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The life of a service's process, and the status it ends with.
 *
 * <ul>
 * <li>0: it was told to stop (SIGTERM, Ctrl-C), also while it started, and stopped in good order
 * <li>1: it could not start, could not go on, or did not stop in good order
 * <li>2: its configuration cannot be used: starting it again does not help
 * </ul>
 *
 * What an operator can put right is said in one line, without a stack trace: an {@link IllegalArgumentException} of the
 * configuration, a {@link ConfigException} and an {@link IllegalStateException} of the start.
 */
public final class Program {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int MISCONFIGURED = 2;
    /** A start that is interrupted ends by itself within. */
    private static final Duration START_ENDS = Duration.ofSeconds(10);

    /** Starts the service. It serves when this returns; closing it stops it within a bound. */
    @FunctionalInterface
    public interface Start<C> {
        AutoCloseable start(C config) throws Exception;
    }

    private final String name;
    private final LogSettings log;
    private final IntConsumer end;
    private final Thread main = Thread.currentThread();
    // Guarded by this
    private @Nullable AutoCloseable service;
    private boolean starting = true;
    private boolean stopping;

    /** @param end ends the process at once, with that status */
    Program(String name, LogSettings log, IntConsumer end) {
        this.name = name;
        this.log = log;
        this.end = end;
    }

    /**
     * Runs a service in this process. Returns once it serves; the process then lives until it is told to stop.
     *
     * @param name   of the service, which begins what is said
     * @param config reads the environment
     */
    public static <C> void run(String name, Function<Settings, C> config, Start<C> start) {
        var settings = new Settings(System.getenv());
        var log = LogSettings.from(settings);
        log.apply(name); // first: Java itself may log the next line, and so decide for good how all is logged
        // A name that is not known yet may be in a moment: to be set before anything asks for a name
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        var program = new Program(name, log, Runtime.getRuntime()::halt);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(program::stop));
        program.start(settings, config, start);
    }

    <C> void start(Settings settings, Function<Settings, C> config, Start<C> start) {
        C read;
        try {
            read = config.apply(settings);
            for (var warning : settings.warnings()) say("WARN", warning);
        } catch (IllegalArgumentException e) {
            fail(MISCONFIGURED, explained(e));
            return;
        }
        try {
            started(start.start(read));
        } catch (ConfigException e) {
            fail(MISCONFIGURED, explained(e));
        } catch (IllegalStateException e) {
            fail(FAILED, "cannot start: " + explained(e));
        } catch (Throwable bug) { // whatever it is, a process without its service must not live on
            fail(FAILED, "cannot start: " + traced(bug));
        } finally {
            startEnded();
        }
    }

    private synchronized void started(AutoCloseable running) {
        service = running;
    }

    private synchronized void startEnded() {
        starting = false;
        notifyAll();
    }

    private synchronized boolean isStopping() {
        return stopping;
    }

    /** Nothing that fails matters any more once it is told to stop. */
    private void fail(int status, String problem) {
        if (isStopping()) return;
        say("ERROR", problem);
        end.accept(status);
    }

    private void say(String level, String line) {
        System.err.println(log.line(level, name, line));
    }

    /** Stops the service, which may be starting, and ends the process. */
    void stop() {
        try {
            var running = awaitStart();
            if (running != null) running.close();
            end.accept(DONE);
        } catch (Exception e) {
            say("ERROR", "did not stop in good order: " + explained(e));
            end.accept(FAILED);
        }
    }

    /** What runs; null when the start was given up. */
    private synchronized @Nullable AutoCloseable awaitStart() throws InterruptedException {
        stopping = true;
        if (starting) main.interrupt();
        var until = System.nanoTime() + START_ENDS.toNanos();
        for (var left = START_ENDS.toMillis(); starting && left > 0; left = (until - System.nanoTime()) / 1_000_000) {
            wait(left);
        }
        return service;
    }

    private static String traced(Throwable bug) {
        var trace = new StringWriter();
        bug.printStackTrace(new PrintWriter(trace));
        return Secrets.masked(trace.toString());
    }

    /** The messages of a failure and of its causes, in one line and without secrets. */
    public static String explained(Throwable failure) {
        var messages = Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .map(cause -> Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName()))
                .toList();
        var said = new StringBuilder();
        for (var message : messages) {
            if (said.indexOf(message) < 0) said.append(said.isEmpty() ? "" : ": ").append(message);
        }
        return Secrets.masked(said.toString().lines().map(String::strip).collect(Collectors.joining(" ")));
    }
}
