package io.rejoin.e2e;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A member that reconnects after every disconnect, through any edge, and resumes after its last seq. It keeps the
 * messages that it received, and records violations of the protocol: a gap, or a message twice on a connection.
 */
final class Follower {
    private final String room;
    private final List<URI> edges;
    private final List<JsonNode> messages = new CopyOnWriteArrayList<>();
    private final List<String> violations = new CopyOnWriteArrayList<>();
    private final Thread thread;
    private long last;
    private volatile boolean stopped;

    /** Follows the room from its first message. */
    Follower(String room, List<URI> edges) {
        this.room = room;
        this.edges = edges;
        this.thread = Thread.ofVirtual().name("follower").start(this::run);
    }

    /** The received messages as {@code seq:id}. */
    List<String> messages() {
        return messages.stream().map(frame -> frame.path("seq").asLong() + ":" + frame.path("id").asText()).toList();
    }

    List<String> violations() {
        return List.copyOf(violations);
    }

    void stop() throws InterruptedException {
        stopped = true;
        if (!thread.join(Duration.ofSeconds(30))) throw new IllegalStateException("the follower does not end");
    }

    private void run() {
        for (var attempt = 0; !stopped; attempt++) {
            try (var client = Client.connect(edges.get(attempt % edges.size()))) {
                client.send("{\"event\":\"join\",\"room\":\"" + room + "\",\"after\":" + last + "}");
                follow(client);
            } catch (CompletionException _) {
                Pause.aMoment(); // that edge is down: the loop tries the next one
            }
        }
    }

    private void follow(Client client) {
        while (!stopped && client.isOpen()) {
            client.take().forEach(this::take);
            Pause.aTick();
        }
    }

    private void take(JsonNode frame) {
        switch (frame.path("event").asText()) {
            case "message" -> {
                var seq = frame.path("seq").asLong();
                if (seq != last + 1) violations.add("after seq " + last + " came " + frame);
                last = seq;
                messages.add(frame);
            }
            case "resync" -> {
                if (!frame.path("outcome").asText().equals("full")) violations.add("not all could be had: " + frame);
            }
            default -> {
                // other tests check acks, presence and errors
            }
        }
    }
}
