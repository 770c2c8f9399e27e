package io.rejoin.embedded;

import static java.nio.file.StandardCopyOption.ATOMIC_MOVE;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.apache.commons.compress.compressors.xz.XZCompressorInputStream;

/**
 * PostgreSQL's programs, unpacked once per user from the archive on the class path. They go to
 * {@code $XDG_CACHE_HOME/rejoin} (default {@code ~/.cache/rejoin}, for root {@code /var/cache/rejoin}). Several
 * processes may unpack at the same time. Each unpacks into its own folder, and the first to rename its folder wins.
 */
final class PostgresPrograms {
    private static final Set<PosixFilePermission> READABLE = PosixFilePermissions.fromString("rw-r--r--");
    private static final Set<PosixFilePermission> RUNNABLE = PosixFilePermissions.fromString("rwxr-xr-x");

    private PostgresPrograms() {}

    /** The folder with the programs. Its name contains a checksum of the archive. */
    static Path folder() throws IOException {
        var archive = archive();
        if (!(archive.openConnection() instanceof JarURLConnection jar))
            throw new IOException("PostgreSQL's archive is not in a jar: " + archive);
        var caches = caches();
        var folder = caches.resolve("postgres-" + Long.toHexString(jar.getJarEntry().getCrc()));
        if (Files.isDirectory(folder)) return folder.resolve("bin");
        Files.createDirectories(caches);
        var unpacked = Files.createTempDirectory(caches, ".unpacking-");
        try (var content = archive.openStream()) {
            unpack(content, unpacked);
            openFolders(unpacked);
            Files.move(unpacked, folder, ATOMIC_MOVE);
        } catch (IOException e) {
            TestFolder.delete(unpacked);
            if (!Files.isDirectory(folder)) throw e; // otherwise another process was faster
        }
        return folder.resolve("bin");
    }

    private static URL archive() throws IOException {
        var system = System.getProperty("os.name").toLowerCase(Locale.ROOT).startsWith("mac") ? "darwin" : "linux";
        var processor = switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "x86_64";
            case "aarch64", "arm64" -> "arm_64";
            case String other -> other;
        };
        var name = "postgres-" + system + "-" + processor + ".txz";
        var found = PostgresPrograms.class.getClassLoader().getResource(name);
        if (found == null)
            throw new IOException("the class path has no PostgreSQL for this system: " + name);
        return found;
    }

    /**
     * The cache folder. For root it is not below root's home, because PostgreSQL then runs as another user, who cannot
     * read there.
     */
    private static Path caches() {
        var caches = System.getenv("XDG_CACHE_HOME");
        if (caches != null && Path.of(caches).isAbsolute()) return Path.of(caches, "rejoin");
        if ("root".equals(System.getProperty("user.name"))) return Path.of("/var/cache/rejoin");
        return Path.of(System.getProperty("user.home"), ".cache", "rejoin");
    }

    private static void unpack(InputStream archive, Path folder) throws IOException {
        try (var tar = new TarArchiveInputStream(new XZCompressorInputStream(new BufferedInputStream(archive)))) {
            for (var entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                var target = folder.resolve(entry.getName()).normalize();
                if (!target.startsWith(folder))
                    throw new IOException("an archive entry points outside the folder: " + entry.getName());
                write(tar, entry, target);
            }
        }
    }

    private static void write(TarArchiveInputStream tar, TarArchiveEntry entry, Path target) throws IOException {
        if (entry.isDirectory()) {
            Files.createDirectories(target);
            return;
        }
        Files.createDirectories(target.resolveSibling("."));
        if (entry.isSymbolicLink()) {
            Files.createSymbolicLink(target, Path.of(entry.getLinkName()));
            return;
        }
        Files.copy(tar, target);
        Files.setPosixFilePermissions(target, (entry.getMode() & 0100) == 0 ? READABLE : RUNNABLE);
    }

    private static void openFolders(Path folder) throws IOException {
        try (var all = Files.walk(folder)) {
            for (var inner : all.filter(Files::isDirectory).toList()) Files.setPosixFilePermissions(inner, RUNNABLE);
        }
    }
}
