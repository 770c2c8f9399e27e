package io.rejoin.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * One service in a JVM of its own, with the class path of these tests. Its output goes to a file; failure messages
 * quote that file. Safe for any thread.
 */
public final class ServiceProcess implements AutoCloseable {
    /** Maximum heap: enough for hundreds of clients; thousands need more. */
    private static final String HEAP = "-Xmx" + System.getProperty("rejoin.e2e.heap", "256m");
    private static final List<String> LEAN = List.of(HEAP, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Dsun.net.inetaddr.negative.ttl=0");

    private final String name;
    private final String main;
    /** A command that starts the JVM's command line; empty by default. */
    private final List<String> launcher;
    private final List<String> options;
    private final Map<String, String> environment;
    private final Path output;
    private volatile Process process;

    /** Starts the service; {@code folder} gets its output. */
    public ServiceProcess(String name, String main, Map<String, String> environment, Path folder) {
        this(name, main, List.of(), environment, folder);
    }

    /** Starts the service with further JVM options. */
    public ServiceProcess(String name, String main, List<String> options, Map<String, String> environment,
            Path folder) {
        this(name, main, List.of(), options, environment, folder);
    }

    private ServiceProcess(String name, String main, List<String> launcher, List<String> options,
            Map<String, String> environment, Path folder) {
        this.name = name;
        this.main = main;
        this.launcher = launcher;
        this.options = Stream.concat(LEAN.stream(), options.stream()).toList();
        this.environment = environment;
        this.output = folder.resolve(name + ".log");
        this.process = launch(Map.of());
    }

    /** Starts the service with a limit of open files. */
    static ServiceProcess withFiles(int files, String name, String main, Map<String, String> environment,
            Path folder) {
        var launcher = List.of("bash", "-c", "ulimit -n " + files + " && exec \"$@\"", "launch");
        return new ServiceProcess(name, main, launcher, List.of(), environment, folder);
    }

    public String name() {
        return name;
    }

    public long pid() {
        return process.pid();
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** Sends SIGKILL and waits until the process has ended. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Sends SIGSTOP: the process stops running, and its connections stay open. */
    public void freeze() {
        signal("STOP", List.of(pid()));
    }

    /** Sends SIGCONT: the process continues. */
    public void thaw() {
        signal("CONT", List.of(pid()));
    }

    /** Sends a signal for which Java has no method. Processes that have ended are ignored. */
    public static void signal(String name, List<Long> pids) {
        var command = Stream.concat(Stream.of("kill", "-s", name), pids.stream().map(String::valueOf)).toList();
        try {
            new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.DISCARD).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot send a signal to the processes " + pids, e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /**
     * Sends SIGTERM and returns true. If the process does not end within the bound: sends SIGKILL and returns false.
     */
    public boolean terminate(Duration bound) {
        process.destroy();
        try {
            if (process.waitFor(bound)) return true;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        kill();
        return false;
    }

    /** Sends SIGTERM and waits until the process has ended. */
    public void terminate() {
        process.destroy();
        awaitEnd();
    }

    /** The exit status; only after the process has ended. */
    public int exitStatus() {
        return process.exitValue();
    }

    /** Starts the service again with the same configuration; kills it first if it still runs. */
    public void restart() {
        restart(Map.of());
    }

    /** Like {@link #restart()}, with more configuration for this start only. */
    public void restart(Map<String, String> more) {
        if (process.isAlive()) kill();
        process = launch(more);
    }

    /** The last lines of its output. */
    public String tail() {
        try {
            var lines = Files.readAllLines(output);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return "no output: " + e;
        }
    }

    @Override
    public void close() {
        kill();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS))
                throw new IllegalStateException(name + " does not end\n" + tail());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Process launch(Map<String, String> more) {
        var command = Stream.concat(launcher.stream(), Jvm.command(options, main).stream()).toList();
        var builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        builder.environment().putAll(more);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
