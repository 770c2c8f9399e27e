package io.rejoin.standalone;

import io.rejoin.embedded.FolderLock;
import io.rejoin.embedded.StartException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The folder of standalone's data, with a marker file. One instance uses it at a time. Files that are not Rejoin's are
 * never changed or deleted.
 */
final class DataFolder implements AutoCloseable {
    private static final String MARKER = "rejoin-standalone";
    private static final String ENVIRONMENT = "env";
    private static final List<String> OURS = List.of("kafka", "postgres", ENVIRONMENT);

    private final Path path;
    private final FolderLock lock;

    private DataFolder(Path path, FolderLock lock) {
        this.path = path;
        this.lock = lock;
    }

    /**
     * The default folder: {@code $XDG_DATA_HOME/rejoin}, or {@code ~/.local/share/rejoin}. {@code infra/service} uses
     * the same default.
     *
     * @param home used when {@code HOME}, the shell's {@code ~}, is not set
     */
    static Path standard(Map<String, String> env, String home) {
        var share = env.getOrDefault("XDG_DATA_HOME", "");
        if (Path.of(share).isAbsolute()) return Path.of(share, "rejoin");
        return Path.of(env.getOrDefault("HOME", home), ".local", "share", "rejoin");
    }

    /**
     * Locks a folder that is missing, empty or Rejoin's.
     *
     * @param fresh whether to delete the data of earlier runs
     */
    static DataFolder take(Path folder, boolean fresh) {
        var path = folder.toAbsolutePath().normalize();
        try {
            if (!isOurs(path) && !isEmptyOrMissing(path))
                throw new UserErrorException(
                        path + " has files that are not Rejoin's; name another folder with --data");
            var taken = new DataFolder(path, lock(path));
            Files.writeString(path.resolve(MARKER), "Data of Rejoin standalone. Start with --fresh to delete it.\n");
            if (fresh) taken.clear();
            return taken;
        } catch (IOException e) {
            throw new UserErrorException("the data folder cannot be used: " + e + "; name another one with --data");
        }
    }

    private static FolderLock lock(Path path) throws IOException {
        try {
            return FolderLock.take(path);
        } catch (UncheckedIOException e) {
            throw e.getCause();
        } catch (StartException e) {
            throw new UserErrorException(e.getMessage() + "; stop it, or name another folder with --data");
        }
    }

    private static boolean isOurs(Path path) {
        return Files.isRegularFile(path.resolve(MARKER));
    }

    private static boolean isEmptyOrMissing(Path path) throws IOException {
        if (!Files.exists(path)) return true;
        if (!Files.isDirectory(path)) return false;
        try (var files = Files.list(path)) {
            return files.findAny().isEmpty();
        }
    }

    private void clear() throws IOException {
        for (var name : OURS) {
            var ours = path.resolve(name);
            if (!Files.exists(ours)) continue;
            try (var files = Files.walk(ours)) {
                for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.delete(file);
            }
        }
    }

    Path path() {
        return path;
    }

    Path kafka() {
        return path.resolve("kafka");
    }

    Path postgres() {
        return path.resolve("postgres");
    }

    /**
     * Writes the environment file for services that are started separately. Only its owner may read the file, because
     * it holds a password.
     */
    void writeEnvironment(List<String> lines) {
        var file = path.resolve(ENVIRONMENT);
        try {
            Files.deleteIfExists(file);
            Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.write(file, lines);
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        }
    }

    /** Unlocks the folder, and deletes the environment file, which is no longer valid. */
    @Override
    public void close() {
        try {
            Files.deleteIfExists(path.resolve(ENVIRONMENT));
        } catch (IOException e) {
            throw new UncheckedIOException("cannot delete the environment file in " + path, e);
        } finally {
            lock.close();
        }
    }
}
