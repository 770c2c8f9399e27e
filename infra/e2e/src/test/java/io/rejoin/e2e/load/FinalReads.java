package io.rejoin.e2e.load;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.e2e.check.Observation;
import io.rejoin.e2e.check.Observation.Source;
import io.rejoin.e2e.check.Recorder;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The final reads, made after all faults are healed. Each room is read by a new client, from the history service and
 * from the topic. The presence of each room is read too. Every step has a time limit; its failure names what it waited
 * for.
 */
public final class FinalReads {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final Duration TICK = Duration.ofMillis(200);
    private static final String READER = "final-reader";

    private final List<URI> edges;
    private final URI history;
    private final String bootstrapServers;
    private final Credentials credentials;
    private final Recorder recorder;
    private final HttpClient http = HttpClient.newHttpClient();

    /**
     * Creates the final reads for edges that accept any name.
     *
     * @param edges   {@code ws://host:port} each; the first that answers is used
     * @param history base URL of the history service
     */
    public FinalReads(List<URI> edges, URI history, String bootstrapServers, Recorder recorder) {
        this(edges, history, bootstrapServers, Credentials.NAMES, recorder);
    }

    /** Creates the final reads with credentials. */
    public FinalReads(List<URI> edges, URI history, String bootstrapServers, Credentials credentials,
            Recorder recorder) {
        this.edges = List.copyOf(edges);
        this.history = history;
        this.bootstrapServers = bootstrapServers;
        this.credentials = credentials;
        this.recorder = recorder;
    }

    /** Reads all rooms of a workload that is settled and not yet closed. */
    public void readAll(Workload workload) throws IOException, InterruptedException {
        for (var room : workload.rooms()) {
            var reader = READER + "-" + room;
            try (var client = open(reader)) {
                recorder.record(new Observation.Connect(recorder.at(reader, reader, 1), "final"));
                var head = readAsClient(reader, room, client);
                readHistory(room, head);
                var present = new HashSet<>(workload.users(room));
                present.add(reader);
                readPresence(reader, room, client, present);
                recorder.record(
                        new Observation.Disconnect(recorder.at(reader, reader, 1), null, Observation.End.LEFT));
            }
        }
        new TopicRead(bootstrapServers, recorder).read(workload.rooms());
    }

    /** Reads the room as a new client; returns the place of the room's last message. */
    private Heads.Place readAsClient(String reader, String room, Link client) throws IOException {
        recorder.record(new Observation.Join(recorder.at(reader, reader, 1), room, 0L, null));
        client.offer(Json.MAPPER.createObjectNode().put("event", "join").put("room", room).put("after", 0));
        var joined = await(client, "join_ack", room, null);
        var head = new Heads.Place(joined.path("epoch").asLong(), joined.path("seq").asLong());
        recorder.record(new Observation.Joined(recorder.at(reader, reader, 1), room, head.seq(), head.epoch(),
                Following.members(joined), joined.path("count").asInt(), null, null));
        await(client, "resync", room, frame -> record(reader, Source.CLIENT, room, frame.path("seq").asLong(),
                frame.path("epoch").asLong(), id(frame), frame.path("user").asText(), frame.path("text").asText()));
        return head;
    }

    private void readHistory(String room, Heads.Place head) throws IOException, InterruptedException {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        for (var after = 0L; after < head.seq();) {
            var page = page(room, head, after);
            if (page == null || page.messages().isEmpty()) {
                if (System.nanoTime() - deadline > 0)
                    throw new IOException("history has nothing after seq " + after
                            + " of " + room + ", whose last message is at " + head + "; waited " + PATIENCE);
                Thread.sleep(TICK);
                continue;
            }
            for (var message : page.messages()) {
                record(READER, Source.HISTORY, room, message.seq(), page.epoch(), message.id(), message.user().name(),
                        text(message.content()));
                after = message.seq();
            }
        }
    }

    /** Reads a page; null when history cannot answer now. */
    private @Nullable ReplayPage page(String room, Heads.Place head, long after)
            throws IOException, InterruptedException {
        var key = URLEncoder.encode(new RoomId(RoomId.DEFAULT_TENANT, room).key(), UTF_8);
        var to = Math.min(head.seq(), after + ReplayCodec.MAX_PAGE);
        var uri = URI.create(history + ReplayCodec.PATH + "?room=" + key + "&epoch=" + head.epoch() + "&after=" + after
                + "&to=" + to + "&limit=" + ReplayCodec.MAX_PAGE + "&wait_ms=5000");
        try {
            var request = HttpRequest.newBuilder(uri).timeout(Duration.ofSeconds(20));
            if (credentials.historySecret() != null)
                request.header("Authorization", "Bearer " + credentials.historySecret());
            var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofByteArray());
            return answer.statusCode() == 200 ? ReplayCodec.read(answer.body()) : null;
        } catch (java.net.ConnectException | java.net.http.HttpTimeoutException _) {
            return null;
        }
    }

    /**
     * Asks for the presence until the answer is as expected, or for at most half of {@link #PATIENCE}. Records the last
     * answer.
     */
    private void readPresence(String reader, String room, Link client, Set<String> expected)
            throws IOException, InterruptedException {
        var deadline = System.nanoTime() + PATIENCE.dividedBy(2).toNanos();
        while (true) {
            client.offer(Json.MAPPER.createObjectNode().put("event", "presence").put("room", room));
            var state = await(client, "presence_state", room, null);
            var members = Following.members(state);
            var count = state.path("count").asInt();
            if ((new TreeSet<>(members).equals(new TreeSet<>(expected)) && count == expected.size())
                    || System.nanoTime() - deadline > 0) {
                recorder.record(
                        new Observation.FinalPresence(recorder.at(reader, reader, 1), room, members, count));
                return;
            }
            Thread.sleep(TICK);
        }
    }

    private Link open(String user) throws IOException {
        var failure = new IOException("no edges to read from");
        for (var edge : edges) {
            try {
                return Link.open(URI.create(edge + "/ws?" + credentials.query().apply(user)));
            } catch (IOException e) {
                failure.addSuppressed(e);
            }
        }
        throw failure;
    }

    private interface Taker {
        void take(JsonNode message);
    }

    /** Reads up to the frame of that event; passes messages before that frame to the taker. */
    private static JsonNode await(Link client, String event, String room, @Nullable Taker messages)
            throws IOException {
        var deadline = System.nanoTime() + PATIENCE.toNanos();
        while (System.nanoTime() - deadline < 0) {
            var frame = client.read(TICK);
            if (frame == null || !frame.path("room").asText().equals(room)) continue;
            var is = frame.path("event").asText();
            if (is.equals(event)) return frame;
            if (is.equals("message") && messages != null) messages.take(frame);
        }
        throw new IOException("no " + event + " for the room " + room + " arrived within " + PATIENCE);
    }

    private void record(String reader, Source source, String room, long seq, long epoch, @Nullable String id,
            String author, String text) {
        recorder.record(new Observation.FinalRead(recorder.at(reader, reader, 1), source, room, seq, epoch, id, author,
                text));
    }

    private static @Nullable String id(JsonNode frame) {
        return frame.path("id").isTextual() ? frame.path("id").asText() : null;
    }

    static String text(Content content) {
        var text = content.text();
        return text != null ? text : content.data() == null ? "" : content.data().json();
    }
}
