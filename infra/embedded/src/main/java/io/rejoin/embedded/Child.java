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
 * One child process, its log and the thread that belongs to both.
 *
 * <p>The thread starts the process and then copies what it prints until it ends. It must be a platform thread and must live
 * as long as the child: the kernel's parent-death signal (prctl(2), {@code PR_SET_PDEATHSIG}) is sent when the
 * <em>thread</em> that forked ends.
 */
final class Child {
    private final String name;
    private final ChildLog log;
    private final Process process;
    private final CompletableFuture<Boolean> ready;
    /** Completes when the child and all that inherited its output (PostgreSQL's backends) have closed it. */
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
     * Starts a child; what it prints goes to {@code log}.
     *
     * @param readyText the child is ready once a line it prints contains this
     */
    static Child start(String name, List<String> command, Path log, String readyText) {
        var started = new CompletableFuture<Started>();
        var ready = new CompletableFuture<Boolean>();
        var ended = new CompletableFuture<Void>();
        Thread.ofPlatform().daemon().name("child-" + name).start(() -> {
            try {
                run(command, log, readyText, started, ready);
            } finally {
                started.completeExceptionally(new IllegalStateException("ended before its start")); // if not yet
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
        } catch (IOException e) { // before the start: tell the caller; after: the pipe broke or the disk is full
            if (!started.completeExceptionally(e)) started.join().process().destroyForcibly();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Waits until the child says that it is ready; else ends it and throws an exception that quotes its log. */
    void awaitReady(Duration bound) {
        var problem = "was not ready after " + bound.toSeconds() + " s";
        try {
            if (ready.get(bound.toMillis(), MILLISECONDS)) return;
            problem = "ended with code " + process.waitFor() + " before it was ready";
        } catch (TimeoutException _) {
            problem += ", so it was stopped";
        } catch (ExecutionException e) {
            throw new IllegalStateException(e); // it is never completed so
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

    /** SIGTERM, and SIGKILL where that takes longer than {@code bound}. */
    void terminate(Duration bound) {
        process.toHandle().destroy(); // Process.destroy would also close the streams, which ends a broker at once
        if (!awaitEnd(bound)) kill();
    }

    /** SIGKILL; returns when the process is gone and so are those that it started. */
    void kill() {
        process.toHandle().destroyForcibly();
        awaitEnd(Duration.ofSeconds(20));
    }

    /** Whether the child and what it started have ended within the bound. */
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
