package io.rejoin.bench;

import io.rejoin.bench.system.Candidate;
import io.rejoin.bench.system.Deployment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** A system that runs, and the folder of its data and logs. Both are gone when it is closed, or when this JVM ends. */
final class Installation implements AutoCloseable {
    private final Path folder;
    private final Deployment deployment;
    private final Thread atExit = new Thread(this::end);

    /** Starts the system; throws what {@link Candidate#start} throws. */
    Installation(Candidate candidate) throws IOException {
        folder = Files.createTempDirectory("rejoin-bench-");
        try {
            deployment = candidate.start(folder);
        } catch (IOException | RuntimeException e) {
            delete();
            throw e;
        }
        Runtime.getRuntime().addShutdownHook(atExit); // servers must not be left over after Ctrl-C
    }

    Path folder() {
        return folder;
    }

    Deployment deployment() {
        return deployment;
    }

    @Override
    public void close() {
        try {
            Runtime.getRuntime().removeShutdownHook(atExit);
        } catch (IllegalStateException _) {
            return; // this JVM ends already, and all is closed by that
        }
        end();
    }

    private void end() {
        deployment.close();
        delete();
    }

    private void delete() {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        } catch (IOException | UncheckedIOException e) {
            System.err.println("left over: " + folder + ": " + e);
        }
    }
}
