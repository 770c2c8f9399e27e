package io.rejoin.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Posts one message after the other, through any edge that answers. It sends each message again under the same id until
 * the message is acknowledged. Two acks of one id must agree.
 */
final class Poster {
    private static final Duration RESEND = Duration.ofSeconds(3);

    private final String name;
    private final String room;
    private final List<URI> edges;
    private final Map<String, Long> acknowledged = new ConcurrentHashMap<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private volatile boolean stopped;
    private int number;

    Poster(String name, String room, List<URI> edges) {
        this.name = name;
        this.room = room;
        this.edges = edges;
        this.thread = Thread.ofVirtual().name("poster").start(this::run);
    }

    /** Seqs of the acknowledged messages, by id. */
    Map<String, Long> acknowledged() {
        return Map.copyOf(acknowledged);
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    /** Ends once the last message is acknowledged. */
    void finish() throws InterruptedException {
        stopped = true;
        if (!thread.join(Cluster.PATIENCE)) throw new AssertionError(name + " never got an ack of message " + number);
    }

    /** Ends at once, even with an unacknowledged message. */
    void stop() {
        stopped = true;
        thread.interrupt();
    }

    private void run() {
        for (var attempt = 0; !isDone() && !Thread.currentThread().isInterrupted(); attempt++) {
            try (var client = Client.connect(edges.get(attempt % edges.size()))) {
                client.send("{\"event\":\"join\",\"room\":\"" + room + "\"}");
                post(client);
            } catch (CompletionException _) {
                Pause.aMoment(); // that edge is down: the loop tries the next one
            }
        }
    }

    private void post(Client client) {
        while (!isDone() && client.isOpen() && !Thread.currentThread().isInterrupted()) {
            var id = id();
            client.post(room, id, "text of " + id);
            var deadline = System.nanoTime() + RESEND.toNanos();
            while (!acknowledged.containsKey(id) && client.isOpen() && System.nanoTime() < deadline) {
                client.take().forEach(this::take);
                Pause.aTick();
            }
            if (acknowledged.containsKey(id)) number++;
        }
    }

    private boolean isDone() {
        return stopped && !acknowledged.isEmpty() && acknowledged.size() == number;
    }

    private String id() {
        return name + "-" + number;
    }

    private void take(JsonNode frame) {
        if (!frame.path("event").asText().equals("ack")) return;
        var seq = frame.path("seq").asLong();
        var before = acknowledged.put(frame.path("id").asText(), seq);
        if (before != null && before != seq) violations.add("acknowledged before with seq " + before + ": " + frame);
    }
}
