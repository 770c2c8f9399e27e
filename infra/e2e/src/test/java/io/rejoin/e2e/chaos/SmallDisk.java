package io.rejoin.e2e.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;

/**
 * A small in-memory file system under PostgreSQL's files, which a large file can fill. Mounting it needs root. The
 * script runs everything in a mount namespace of its own, so that no mount remains.
 */
final class SmallDisk implements AutoCloseable {
    private static final String SIZE = "512m";
    private static final int CHUNK = 64 * 1024;

    private final Path folder;
    private final Path ballast;

    private SmallDisk(Path folder) {
        this.folder = folder;
        this.ballast = folder.resolve("ballast");
    }

    /** Whether the script created a mount namespace for this. */
    static boolean isAvailable() {
        return "1".equals(System.getenv("REJOIN_CHAOS_MOUNTS"));
    }

    /** Moves a folder's content onto a new disk at the same path. Nobody may use the folder meanwhile. */
    static SmallDisk under(Path folder) {
        var disk = new SmallDisk(folder);
        try {
            var before = folder.resolveSibling(folder.getFileName() + ".before");
            Files.move(folder, before);
            Files.createDirectory(folder,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            run("mount", "-t", "tmpfs", "-o", "mode=0700,size=" + SIZE, "tmpfs", folder.toString());
            try {
                run("cp", "-a", before + "/.", folder.toString());
                run("rm", "-r", before.toString());
            } catch (RuntimeException e) {
                disk.close();
                throw e;
            }
            return disk;
        } catch (IOException e) {
            throw new UncheckedIOException("cannot move " + folder, e);
        }
    }

    /** Fills the disk completely. */
    void fill() {
        var zeros = new byte[CHUNK];
        try (var out = Files.newOutputStream(ballast)) {
            while (true) out.write(zeros);
        } catch (IOException e) {
            if (!String.valueOf(e.getMessage()).contains("No space left"))
                throw new UncheckedIOException("cannot fill " + folder, e);
        }
    }

    void free() {
        try {
            Files.deleteIfExists(ballast);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete " + ballast, e);
        }
    }

    @Override
    public void close() {
        run("umount", folder.toString());
    }

    private static void run(String... command) {
        try {
            var process = new ProcessBuilder(command).inheritIO().start();
            if (process.waitFor() != 0) throw new IllegalStateException("command failed: " + List.of(command));
        } catch (IOException e) {
            throw new UncheckedIOException(String.join(" ", command), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }
}
