package io.rejoin.e2e.chaos;

import java.io.IOException;
import java.io.InputStream;
import java.io.InterruptedIOException;
import java.io.OutputStream;
import java.util.Arrays;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;

/**
 * One direction of one proxied connection. Reads chunks and writes each in order when its delay is over. At most 64
 * chunks are in transit.
 */
final class Pump {
    private static final int CHUNK = 16 * 1024;
    private static final int ON_THE_WAY = 64;

    private final Wire wire;
    private final Wire.Direction direction;
    private final Runnable tear;
    private final BlockingQueue<Chunk> chunks = new ArrayBlockingQueue<>(ON_THE_WAY);

    /** A chunk of bytes and the time when it is due; an empty chunk marks the end of the stream. */
    private static final class Chunk {
        private final byte[] bytes;
        private final long due;

        Chunk(byte[] bytes, long due) {
            this.bytes = bytes;
            this.due = due;
        }
    }

    /** @param tear resets both sockets, so that reads and writes there fail */
    Pump(Wire wire, Wire.Direction direction, Runnable tear) {
        this.wire = wire;
        this.direction = direction;
        this.tear = tear;
    }

    /** Returns when all bytes up to the end of {@code in} are written. */
    void copy(InputStream in, OutputStream out) throws IOException {
        var writer = Thread.ofVirtual().name("pump").start(() -> write(out));
        try {
            read(in, writer);
            writer.join();
        } catch (InterruptedException e) {
            throw (InterruptedIOException) new InterruptedIOException().initCause(e);
        } finally {
            writer.interrupt();
        }
    }

    private void read(InputStream in, Thread writer) throws IOException, InterruptedException {
        var buffer = new byte[CHUNK];
        for (var n = 0; n >= 0;) {
            wire.awaitPassage(direction);
            n = in.read(buffer);
            var chunk = new Chunk(Arrays.copyOf(buffer, Math.max(0, n)), System.nanoTime() + wire.delayNanos());
            while (!chunks.offer(chunk, 1, TimeUnit.SECONDS)) {
                if (!writer.isAlive()) throw new IOException("the other side does not read");
            }
        }
    }

    private void write(OutputStream out) {
        try {
            for (var chunk = chunks.take(); chunk.bytes.length > 0; chunk = chunks.take()) {
                TimeUnit.NANOSECONDS.sleep(chunk.due - System.nanoTime());
                wire.awaitPassage(direction); // the link may have been cut meanwhile
                out.write(chunk.bytes);
            }
        } catch (IOException _) {
            tear.run();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
