package io.rejoin.e2e.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import io.rejoin.e2e.check.Observation;
import io.rejoin.e2e.check.Recorder;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A user with one device in one room, as the documentation wants clients to be: it comes back after every disconnect, through
 * any edge, resumes after the last seq it has, and drops what it has already. What it sees is recorded before that.
 */
final class Member {
    private static final Duration TICK = Duration.ofMillis(200);
    private static final Duration STABLE = Duration.ofSeconds(10);

    private final String user;
    private final Plan plan;
    private final List<URI> edges;
    private final Credentials credentials;
    private final Recorder recorder;
    private final RandomGenerator random;
    private final Outbox outbox;
    private final Following following;
    private final Thread thread;
    private volatile int conn;
    private volatile boolean ended;
    private volatile boolean stays;
    private volatile @Nullable Link link;
    private @Nullable Integer retryInMs;
    private int connections;
    private int number;

    Member(String user, String room, Plan plan, List<URI> edges, Credentials credentials, Recorder recorder,
            Heads heads) {
        this.user = user;
        this.plan = plan;
        this.edges = List.copyOf(edges);
        this.credentials = credentials;
        this.recorder = recorder;
        this.random = new Random(plan.seed() * 31 + user.hashCode());
        this.outbox = new Outbox(room, recorder, this::at, plan.patience());
        this.following = new Following(room, recorder, this::at, outbox, heads);
        this.thread = Thread.ofVirtual().name(user).unstarted(this::run);
    }

    void start() {
        thread.start();
    }

    String user() {
        return user;
    }

    boolean isLive() {
        return following.isLive();
    }

    /** Whether everything that is known of the room has reached it, and all its posts were answered. */
    boolean isSettled() {
        return outbox.isEmpty() && following.hasAll();
    }

    long acknowledged() {
        return outbox.acknowledged();
    }

    /** Drops no connection by itself any more. */
    void stay() {
        stays = true;
    }

    /** Posts the next message; false when too many wait for an ack. Of one thread alone. */
    boolean post() {
        var id = user + "." + number++;
        var text = new StringBuilder("text of ").append(id).append(' ');
        while (text.length() < plan.textBytes()) text.append((char) ('a' + text.length() % 26));
        return outbox.put(id, text.toString());
    }

    /** How it stands, for the message of a failure. */
    String describe() {
        return user + ": connection " + conn + ", " + (link == null ? "not connected" : "connected") + ", "
                + following.describe() + (outbox.isEmpty() ? "" : ", posts without an answer");
    }

    /** The run is over: it has what it will ever have. */
    void end() throws InterruptedException {
        outbox.close();
        recorder.record(new Observation.Disconnect(at(), null, Observation.End.DONE));
        ended = true;
        thread.interrupt();
        var open = link;
        if (open != null) open.close();
        if (!thread.join(Duration.ofSeconds(30))) throw new IllegalStateException(user + " does not end");
    }

    private void run() {
        try {
            for (var failures = 0; !ended; failures++) {
                if (connectAndFollow()) failures = 0;
                var hint = retryInMs;
                retryInMs = null;
                Thread.sleep(hint == null ? plan.backoff().delay(failures, random) : Duration.ofMillis(hint));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** Until the connection ends; true if it was a good one. */
    private boolean connectAndFollow() {
        var edge = edges.get(random.nextInt(edges.size()));
        var presence = random.nextBoolean() ? "&presence=diff" : ""; // each kind of client is right
        try (var open = Link.open(URI.create(edge + "/ws?" + credentials.query().apply(user) + presence))) {
            var since = System.nanoTime();
            conn = ++connections;
            record(new Observation.Connect(at(), edge.getAuthority()));
            link = open;
            var why = follow(open, since);
            link = null;
            outbox.hold();
            following.lost();
            record(new Observation.Disconnect(at(), open.closeCode(), why));
            return System.nanoTime() - since > STABLE.toNanos();
        } catch (IOException _) {
            return false; // that edge is down, or wants nobody
        }
    }

    private Observation.End follow(Link open, long since) {
        var drop = plan.dropEvery().isZero()
                ? Long.MAX_VALUE
                : (long) (-Math.log(1 - random.nextDouble()) * plan.dropEvery().toNanos());
        var heard = since;
        var asked = since;
        var tended = since;
        try {
            following.join(open);
            while (!ended) {
                var frame = open.read(TICK);
                var now = System.nanoTime();
                if (frame != null) {
                    heard = now;
                    take(open, frame);
                }
                if (now - since > drop && !stays) return Observation.End.LEFT;
                if (now - heard > 3 * plan.silence().toNanos()) return Observation.End.LOST;
                if (now - heard > plan.silence().toNanos() && now - asked > plan.silence().toNanos()) {
                    asked = now;
                    open.offer(Json.MAPPER.createObjectNode().put("event", "ping"));
                }
                if (now - tended > TICK.toNanos()) {
                    tended = now;
                    outbox.tend(now);
                    following.tend(open, now);
                }
            }
        } catch (IOException _) {
            // lost, for whatever reason
        }
        return Observation.End.LOST;
    }

    private void take(Link open, JsonNode frame) {
        if (frame.path("event").asText().equals("reconnect")) retryInMs = frame.path("after_ms").asInt();
        else
            following.take(open, frame);
    }

    private void record(Observation observation) {
        if (!ended) recorder.record(observation);
    }

    private Observation.At at() {
        return recorder.at(user, user, conn);
    }
}
