package io.rejoin.bench;

import io.rejoin.bench.system.Candidate;
import io.rejoin.bench.system.Deployment;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/**
 * A running system and the folder of its data and logs. {@link #close} ends the system and deletes the folder; so does
 * the end of this JVM.
 */
final class Installation implements AutoCloseable {
    private final Path folder;
    private final Deployment deployment;
    private final Thread atExit = new Thread(this::end);

    /** Starts the system; throws the exceptions of {@link Candidate#start}. */
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
            return; // the JVM is ending: its shutdown hook closes all
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
            System.err.println("cannot delete " + folder + ": " + e);
        }
    }
}
