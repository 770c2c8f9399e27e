package io.rejoin.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;

/** Creates and deletes the temporary folders of servers that tests share. */
final class TestFolder {
    private TestFolder() {}

    static Path create(String name) {
        try {
            return Files.createTempDirectory("rejoin-" + name + "-");
        } catch (IOException e) {
            throw new UncheckedIOException("cannot create a temporary folder", e);
        }
    }

    /**
     * Kills the folder's server and deletes the folder when this JVM ends. If the JVM itself is killed, the folder
     * remains.
     */
    static void deleteAtExit(Path folder, Runnable kill) {
        Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().unstarted(() -> {
            kill.run();
            try {
                delete(folder);
            } catch (IOException e) {
                throw new UncheckedIOException("cannot delete " + folder, e);
            }
        }));
    }

    /** Deletes a folder and everything below it. */
    static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
