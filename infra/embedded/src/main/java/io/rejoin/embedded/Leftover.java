package io.rejoin.embedded;

import static java.util.concurrent.TimeUnit.MILLISECONDS;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;

/** Finds a server of an earlier run that may still use a data folder. */
final class Leftover {
    private Leftover() {}

    /**
     * The process whose pid is in the first line of a pid file, if it is alive and is our server. Pids are reused, so
     * its command line must contain {@code mark}, an absolute path below the data folder.
     */
    static Optional<ProcessHandle> find(Path pidFile, String mark) {
        try (var lines = Files.lines(pidFile)) {
            return lines.findFirst().map(line -> Long.parseLong(line.strip())).flatMap(ProcessHandle::of)
                    .filter(ProcessHandle::isAlive).filter(process -> process.pid() != ProcessHandle.current().pid())
                    .filter(process -> process.info().commandLine().orElse("").contains(mark));
        } catch (IOException | NumberFormatException _) {
            return Optional.empty(); // no file, or a file that a crash has truncated
        }
    }

    /** Waits until the process ends. Returns whether it ended within the bound. */
    static boolean awaitEnd(ProcessHandle process, Duration bound) {
        try {
            process.onExit().get(bound.toMillis(), MILLISECONDS);
            return true;
        } catch (TimeoutException | ExecutionException _) {
            return !process.isAlive();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
