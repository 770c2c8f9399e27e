package io.rejoin.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/**
 * One child process, its log and the thread that runs both.
 *
 * <p>The thread starts the process, then copies the output to the log until the process ends. The thread must be a
 * platform thread and live as long as the child. The reason is the kernel's parent-death signal (prctl(2),
 * {@code PR_SET_PDEATHSIG}), which is sent when the <em>thread</em> that forked ends.
 */
final class Child {
    private final String name;
    private final ChildLog log;
    private final Process process;
    private final CompletableFuture<Boolean> ready;
    /**
     * Completes when the child and all processes that inherited its output (PostgreSQL's backends) have closed the
     * output.
     */
    private final CompletableFuture<Void> ended;

    private record Started(Process process, ChildLog log) {}

    private Child(String name, Started started, CompletableFuture<Boolean> ready, CompletableFuture<Void> ended) {
        this.name = name;
        this.process = started.process();
        this.log = started.log();
        this.ready = ready;
        this.ended = ended;
    }

    /**
     * Starts a child process whose output goes to {@code log}.
     *
     * @param readyText the child counts as ready when it prints a line that contains this text
     */
    static Child start(String name, List<String> command, Path log, String readyText) {
        var started = new CompletableFuture<Started>();
        var ready = new CompletableFuture<Boolean>();
        var ended = new CompletableFuture<Void>();
        Thread.ofPlatform().daemon().name("child-" + name).start(() -> {
            try {
                run(command, log, readyText, started, ready);
            } finally {
                started.completeExceptionally(new IllegalStateException("the process did not start")); // if not started
                ready.complete(false);
                ended.complete(null);
            }
        });
        try {
            return new Child(name, started.join(), ready, ended);
        } catch (CompletionException e) {
            throw new StartException(name + " cannot be started: " + command.getFirst(), e);
        }
    }

    private static void run(List<String> command, Path file, String readyText, CompletableFuture<Started> started,
            CompletableFuture<Boolean> ready) {
        try (var log = new ChildLog(file)) {
            var process = new ProcessBuilder(command).redirectErrorStream(true).start();
            started.complete(new Started(process, log));
            try (var lines = process.inputReader(UTF_8)) {
                for (var line = lines.readLine(); line != null; line = lines.readLine()) {
                    log.line(line);
                    if (line.contains(readyText)) ready.complete(true);
                }
            } finally {
                process.waitFor();
            }
        } catch (IOException e) { // a failed start goes to the caller; later, the pipe broke or the disk is full
            if (!started.completeExceptionally(e)) started.join().process().destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the child is ready. Otherwise kills the child and throws an exception that quotes its log. */
    void awaitReady(Duration bound) {
        var problem = "was not ready after " + bound.toSeconds() + " s";
        try {
            if (ready.get(bound.toMillis(), MILLISECONDS)) return;
            problem = "ended with code " + process.waitFor() + " before it was ready";
        } catch (TimeoutException _) {
            problem += ", so it was stopped";
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // never happens: nothing completes this future exceptionally
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            problem = "was still starting when this thread was interrupted";
        }
        kill();
        throw new StartException(name + " " + problem + ". Its log is " + log.file() + " and ends with:"
                + System.lineSeparator() + log.tail());
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Sends SIGTERM, and SIGKILL when the child has not ended within {@code bound}. */
    void terminate(Duration bound) {
        process.toHandle().destroy(); // Process.destroy would also close the streams, which ends a broker at once
        if (!awaitEnd(bound)) kill();
    }

    /** Sends SIGKILL and waits until the child and the processes that it started are gone. */
    void kill() {
        process.toHandle().destroyForcibly();
        awaitEnd(Duration.ofSeconds(20));
    }

    /**
     * Waits for the end of the child and of the processes that it started. Returns whether all ended within the bound.
     */
    boolean awaitEnd(Duration bound) {
        try {
            ended.get(bound.toMillis(), MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
