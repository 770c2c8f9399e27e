package io.rejoin.embedded;

import static java.nio.file.StandardOpenOption.CREATE;
import static java.nio.file.StandardOpenOption.WRITE;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Exclusive use of a folder, by a lock on its file {@code lock}. The kernel releases the lock when the process dies.
 */
public final class FolderLock implements AutoCloseable {
    private final FileChannel channel;

    private FolderLock(FileChannel channel) {
        this.channel = channel;
    }

    /**
     * Locks the folder, and creates it if missing.
     *
     * @throws StartException if another process, or another owner in this process, has the lock
     */
    public static FolderLock take(Path folder) {
        try {
            Files.createDirectories(folder);
            var channel = FileChannel.open(folder.resolve("lock"), CREATE, WRITE);
            if (tryLock(channel) != null) return new FolderLock(channel);
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot lock " + folder, e);
        }
        throw new StartException(folder + " is in use by another running instance");
    }

    private static @Nullable FileLock tryLock(FileChannel channel) throws IOException {
        try {
            return channel.tryLock();
        } catch (OverlappingFileLockException _) {
            return null;
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot unlock a folder", e);
        }
    }
}
