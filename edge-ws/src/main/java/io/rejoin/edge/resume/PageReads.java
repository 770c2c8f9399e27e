package io.rejoin.edge.resume;

import io.rejoin.contracts.RoomId;
import io.rejoin.edge.room.LocalRoom;
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

    private record PageKey(RoomId room, long epoch, long after, long to, int limit) {}

    private final HistoryReads history;
    private final FrameMemory memory;
    /** Guarded by its own monitor, as is {@link SharedPage#users}. */
    private final Map<PageKey, SharedPage> inUse = new HashMap<>();

    PageReads(HistoryReads history, FrameMemory memory) {
        this.history = history;
        this.memory = memory;
    }

    /**
     * Opens a page, to be used until it is closed. Does not read it yet.
     *
     * @param isFresh whether to read the page again, even if another member has read it already
     */
    Handle open(RoomId room, LocalRoom.CatchUpStep.Read read, int limit, boolean isFresh) {
        var key = new PageKey(room, read.epoch(), read.after(), read.to(), limit);
        synchronized (inUse) {
            var shared = isFresh ? new SharedPage(key) : inUse.computeIfAbsent(key, SharedPage::new);
            shared.users++;
            return new Handle(key, shared);
        }
    }

    /** One member's use of a page. Only one thread may use it. */
    final class Handle implements AutoCloseable {
        private final PageKey key;
        private final SharedPage shared;

        private Handle(PageKey key, SharedPage shared) {
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
            shared.release();
        }
    }

    private final class SharedPage {
        private final FutureTask<FramedPage> task;
        /** Guarded by the monitor of {@link PageReads#inUse}. */
        private int users;
        /** Set by the thread that reads, before the other threads get the page. */
        private volatile FrameMemory.@Nullable Reservation reservation;

        SharedPage(PageKey key) {
            this.task = new FutureTask<>(() -> {
                reservation = memory.reserve(PAGE_BYTES);
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

        void release() {
            var held = reservation;
            if (held != null) held.close();
        }
    }
}
