package io.rejoin.bench.system;

import io.rejoin.e2e.ServiceProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * A server of another project, in a process of its own. Its output goes to a file; failure messages quote that file.
 */
final class ServerProgram implements AutoCloseable {
    private static final String COLLECTED = "collected";
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration STOP = Duration.ofSeconds(10);
    private static final Duration LOOK = Duration.ofMillis(20);
    private static final int TAIL = 40;

    private final String name;
    private final Path output;
    private final Process process;

    /**
     * Starts the server.
     *
     * @param place working directory
     * @param logs  the folder for its output
     */
    ServerProgram(String name, List<String> command, Path place, Map<String, String> environment, Path logs)
            throws IOException {
        this.name = name;
        this.output = logs.resolve(name + ".log");
        var builder = new ProcessBuilder(command).directory(place.toFile()).redirectErrorStream(true)
                .redirectOutput(output.toFile());
        builder.environment().putAll(environment);
        process = builder.start();
    }

    long pid() {
        return process.pid();
    }

    /**
     * Returns once the output has a line that ends with {@code text}.
     *
     * @throws IllegalStateException when the process has ended, or is not ready in time
     */
    void awaitReady(String text) {
        awaitLines(text, 1);
    }

    /** Makes a peer's server collect all its garbage; returns once it has. */
    void collectGarbage() {
        var done = lines(COLLECTED);
        ServiceProcess.signal("USR2", List.of(pid()));
        awaitLines(COLLECTED, done + 1);
    }

    private void awaitLines(String text, long count) {
        var end = System.nanoTime() + PATIENCE.toNanos();
        while (lines(text) < count) {
            if (!process.isAlive()) throw new IllegalStateException(name + " has ended; its output:\n" + tail());
            if (System.nanoTime() > end)
                throw new IllegalStateException(name + " does not print \"" + text + "\" within " + PATIENCE.toSeconds()
                        + " s; its output:\n" + tail());
            pause();
        }
    }

    private long lines(String text) {
        return output().stream().filter(line -> line.endsWith(text)).count();
    }

    private List<String> output() {
        try {
            return Files.readAllLines(output);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + output, e);
        }
    }

    private static void pause() {
        try {
            Thread.sleep(LOOK);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while waiting for a server", e);
        }
    }

    private String tail() {
        var lines = output();
        return String.join("\n", lines.subList(Math.max(0, lines.size() - TAIL), lines.size()));
    }

    /** Sends SIGTERM, then SIGKILL if the process does not end within {@link #STOP}. */
    @Override
    public void close() {
        process.destroy();
        try {
            if (process.waitFor(STOP)) return;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        process.destroyForcibly();
    }
}
