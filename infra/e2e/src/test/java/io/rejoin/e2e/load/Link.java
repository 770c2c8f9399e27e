package io.rejoin.e2e.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.jspecify.annotations.Nullable;

/** A connection with a writer thread, so that a poster never waits for an edge that does not read. */
final class Link implements AutoCloseable {
    private static final int QUEUE = 1_000;

    private final LeanSocket socket;
    private final BlockingQueue<String> queue = new ArrayBlockingQueue<>(QUEUE);
    private final Thread writer;

    private Link(LeanSocket socket) {
        this.socket = socket;
        this.writer = Thread.ofVirtual().name("writer").start(this::write);
    }

    static Link open(URI uri) throws IOException {
        return new Link(LeanSocket.connect(uri));
    }

    /** Queues a frame; false when the queue is full. */
    boolean offer(JsonNode frame) {
        return queue.offer(frame.toString());
    }

    /** The next frame; null when none arrives in time. Only for one reading thread. */
    @Nullable
    JsonNode read(Duration atMost) throws IOException {
        var text = socket.read(atMost);
        if (text == null) return null;
        var bytes = text.bytes();
        return Json.MAPPER.readTree(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
    }

    @Nullable
    Integer closeCode() {
        return socket.closeCode();
    }

    @Override
    public void close() {
        writer.interrupt();
        socket.close();
    }

    private void write() {
        try {
            while (true) socket.send(queue.take());
        } catch (IOException _) {
            socket.close(); // the reader then fails, too
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
