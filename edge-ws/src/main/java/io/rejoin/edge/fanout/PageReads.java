package io.rejoin.edge.fanout;

import io.rejoin.contracts.RoomId;
import io.rejoin.edge.websocket.FrameMemory;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * Reads pages of history for members that catch up. Members that need the same page at the same time share it, with its
 * frames and its memory. Blocks; safe for any thread.
 */
final class PageReads {
    /** The most memory that a page in use needs: its JSON, its messages, and their frames. */
    static final int PAGE_BYTES = 4 * 1024 * 1024;

    private record Key(RoomId room, long epoch, long after, long to, int limit) {}

    private final HistoryReads history;
    private final FrameMemory memory;
    /** Guarded by its own monitor, as is {@link Shared#users}. */
    private final Map<Key, Shared> inUse = new HashMap<>();

    PageReads(HistoryReads history, FrameMemory memory) {
        this.history = history;
        this.memory = memory;
    }

    /**
     * Opens a page, to be used until it is closed. Does not read it yet.
     *
     * @param alone whether to read the page anew, even if another member has read it already
     */
    Use open(RoomId room, Room.Step.Read read, int limit, boolean alone) {
        var key = new Key(room, read.epoch(), read.after(), read.to(), limit);
        synchronized (inUse) {
            var shared = alone ? new Shared(key) : inUse.computeIfAbsent(key, Shared::new);
            shared.users++;
            return new Use(key, shared);
        }
    }

    /** One member's use of a page. Only one thread may use it. */
    final class Use implements AutoCloseable {
        private final Key key;
        private final Shared shared;

        private Use(Key key, Shared shared) {
            this.key = key;
            this.shared = shared;
        }

        /** Returns the page. The first caller reads it from history; the others wait. */
        FramedPage read() throws IOException, InterruptedException {
            return shared.read();
        }

        @Override
        public void close() {
            synchronized (inUse) {
                if (--shared.users > 0) return;
                inUse.remove(key, shared);
            }
            shared.free();
        }
    }

    private final class Shared {
        private final FutureTask<FramedPage> task;
        /** Guarded by the monitor of {@link PageReads#inUse}. */
        private int users;
        /** Set by the thread that reads, before the other threads get the page. */
        private volatile FrameMemory.@Nullable Reservation held;

        Shared(Key key) {
            this.task = new FutureTask<>(() -> {
                held = memory.reserve(PAGE_BYTES);
                return new FramedPage(key.room(),
                        history.read(key.room(), key.epoch(), key.after(), key.to(), key.limit()));
            });
        }

        FramedPage read() throws IOException, InterruptedException {
            task.run(); // does nothing unless this is the first call
            try {
                return task.get();
            } catch (ExecutionException e) {
                throw new IOException("cannot read a page: " + e.getCause(), e);
            }
        }

        void free() {
            var reservation = held;
            if (reservation != null) reservation.close();
        }
    }
}
