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
 * Runs a service in a process, from start to exit, and sets the exit status.
 *
 * <ul>
 * <li>0: the process received a stop signal (SIGTERM, Ctrl-C), also during the start, and stopped without errors
 * <li>1: the service could not start, could not continue, or failed to stop without errors
 * <li>2: the configuration is unusable, so a restart does not help
 * </ul>
 *
 * <p>A problem that an operator can solve is reported in one line, without a stack trace. Such problems are an
 * {@link IllegalArgumentException} from the configuration, and a {@link ConfigException} or
 * {@link IllegalStateException} from the start.
 */
public final class Program {
    private static final int DONE = 0;
    private static final int FAILED = 1;
    private static final int MISCONFIGURED = 2;
    /** Maximum wait for an interrupted start to end. */
    private static final Duration START_END_TIMEOUT = Duration.ofSeconds(10);

    /**
     * Starts a service. The service works when this method returns. Closing the result stops the service within a
     * limited time.
     */
    @FunctionalInterface
    public interface Start<C> {
        AutoCloseable start(C config) throws Exception;
    }

    private final String name;
    private final LogSettings log;
    private final IntConsumer exit;
    private final Thread main = Thread.currentThread();
    // guarded by this
    private @Nullable AutoCloseable service;
    private boolean isStarting = true;
    private boolean hasStopRequest;

    /** @param exit ends the process at once, with the given status */
    Program(String name, LogSettings log, IntConsumer exit) {
        this.name = name;
        this.log = log;
        this.exit = exit;
    }

    /**
     * Runs a service in this process. Returns once the service works. The process then runs until it receives a stop
     * signal.
     *
     * @param name   of the service; the prefix of every reported line
     * @param config reads the environment
     */
    public static <C> void run(String name, Function<Settings, C> config, Start<C> start) {
        var settings = new Settings(System.getenv());
        var log = LogSettings.from(settings);
        log.apply(name); // first: Java itself may log during the next lines, and that fixes the log settings
        // do not cache failed name lookups: the name may resolve soon; set this before the first lookup
        Security.setProperty("networkaddress.cache.negative.ttl", "0");
        var program = new Program(name, log, Runtime.getRuntime()::halt);
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(program::stop));
        program.start(settings, config, start);
    }

    <C> void start(Settings settings, Function<Settings, C> config, Start<C> start) {
        C parsed;
        try {
            parsed = config.apply(settings);
            for (var warning : settings.warnings()) printLine("WARN", warning);
        } catch (IllegalArgumentException e) {
            fail(MISCONFIGURED, explained(e));
            return;
        }
        try {
            setService(start.start(parsed));
        } catch (ConfigException e) {
            fail(MISCONFIGURED, explained(e));
        } catch (IllegalStateException e) {
            fail(FAILED, "cannot start: " + explained(e));
        } catch (Throwable bug) { // any fault: a process without its service must end
            fail(FAILED, "cannot start: " + stackTrace(bug));
        } finally {
            markStartEnded();
        }
    }

    private synchronized void setService(AutoCloseable running) {
        service = running;
    }

    private synchronized void markStartEnded() {
        isStarting = false;
        notifyAll();
    }

    private synchronized boolean isStopRequested() {
        return hasStopRequest;
    }

    /** Reports a problem and ends the process. Does nothing once a stop was requested: then failures are expected. */
    private void fail(int status, String problem) {
        if (isStopRequested()) return;
        printLine("ERROR", problem);
        exit.accept(status);
    }

    private void printLine(String level, String line) {
        System.err.println(log.line(level, name, line));
    }

    /** Stops the service, which may still be starting, and ends the process. */
    void stop() {
        try {
            var running = awaitStart();
            if (running != null) running.close();
            exit.accept(DONE);
        } catch (Exception e) {
            printLine("ERROR", "stopped with an error: " + explained(e));
            exit.accept(FAILED);
        }
    }

    /** Waits until the start has ended. Returns the running service; null if the start did not complete. */
    private synchronized @Nullable AutoCloseable awaitStart() throws InterruptedException {
        hasStopRequest = true;
        if (isStarting) main.interrupt();
        var until = System.nanoTime() + START_END_TIMEOUT.toNanos();
        var remainingMillis = START_END_TIMEOUT.toMillis();
        while (isStarting && remainingMillis > 0) {
            wait(remainingMillis);
            remainingMillis = (until - System.nanoTime()) / 1_000_000;
        }
        return service;
    }

    private static String stackTrace(Throwable bug) {
        var trace = new StringWriter();
        bug.printStackTrace(new PrintWriter(trace));
        return Secrets.masked(trace.toString());
    }

    /** Returns the messages of a failure and its causes, in one line, without repetitions and secrets. */
    public static String explained(Throwable failure) {
        var messages = Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
                .map(cause -> Objects.requireNonNullElse(cause.getMessage(), cause.getClass().getSimpleName()))
                .toList();
        var text = new StringBuilder();
        for (var message : messages) {
            if (text.indexOf(message) < 0) text.append(text.isEmpty() ? "" : ": ").append(message);
        }
        return Secrets.masked(text.toString().lines().map(String::strip).collect(Collectors.joining(" ")));
    }
}
