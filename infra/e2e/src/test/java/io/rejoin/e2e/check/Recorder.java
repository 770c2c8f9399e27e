package io.rejoin.e2e.check;

import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes a history: a line for each observation, in call order. Safe for any thread. A caller waits when the disk is
 * behind. If the disk stays behind or fails, recording throws, because a history with gaps proves nothing.
 */
public final class Recorder implements AutoCloseable {
    private static final int QUEUE = 65_536;
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Duration IDLE = Duration.ofMillis(200);

    private final Path file;
    private final long origin;
    private final BlockingQueue<Observation> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Thread writer;
    private volatile boolean closed;
    private volatile @Nullable IOException failure;

    /** Begins a run at time 0. */
    public Recorder(Path file) {
        this(file, System.nanoTime());
    }

    /**
     * Joins a run that began when {@link System#nanoTime} was {@code origin}. On Linux all processes of a machine share
     * that clock.
     */
    public Recorder(Path file, long origin) {
        this.file = file;
        this.origin = origin;
        this.writer = Thread.ofPlatform().daemon().name("recorder").start(this::write);
    }

    /** The file of the history. */
    public Path file() {
        return file;
    }

    /** Nanoseconds since the run began. */
    public long now() {
        return System.nanoTime() - origin;
    }

    /** The present time, for an observation of that client. */
    public Observation.At at(String client, String user, int conn) {
        return new Observation.At(now(), client, user, conn);
    }

    /**
     * Records an observation.
     *
     * @throws IllegalStateException when it cannot be written, or not in time
     */
    public void record(Observation observation) {
        if (closed) throw new IllegalStateException("the history " + file + " is closed");
        checkFailure();
        if (queue.offer(observation)) return;
        try {
            if (queue.offer(observation, PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) return;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        checkFailure();
        throw new IllegalStateException(queue.size() + " observations wait to be written to " + file
                + ": the disk is too slow, or this thread was interrupted");
    }

    /** Writes all queued observations. After this, nothing can be recorded. */
    @Override
    public void close() {
        closed = true;
        try {
            if (!writer.join(PATIENCE)) throw new IllegalStateException("the history " + file + " is not written yet");
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        checkFailure();
    }

    private void write() {
        try (var out = new BufferedOutputStream(Files.newOutputStream(file), 1 << 16)) {
            var batch = new ArrayList<Observation>();
            while (true) {
                var last = closed; // read before draining: everything recorded until then is in the queue
                queue.drainTo(batch);
                write(batch, out);
                batch.clear();
                if (last && queue.isEmpty()) return;
                var next = queue.poll(IDLE.toMillis(), TimeUnit.MILLISECONDS);
                if (next == null) out.flush();
                else
                    batch.add(next);
            }
        } catch (IOException e) {
            failure = e;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void write(List<Observation> batch, OutputStream out) throws IOException {
        for (var observation : batch) {
            out.write(HistoryCodec.encode(observation));
            out.write('\n');
        }
    }

    private void checkFailure() {
        var failed = failure;
        if (failed != null) throw new UncheckedIOException("the history " + file + " cannot be written", failed);
    }
}
