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
 * A user with one device in one room that follows the client documentation. It reconnects after every disconnect,
 * through any edge, resumes after its last seq, and drops duplicates. Each observation is recorded before duplicates
 * are dropped.
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

    /** Whether the member has the room's last message and all its posts were answered. */
    boolean isSettled() {
        return outbox.isEmpty() && following.hasAll();
    }

    long acknowledged() {
        return outbox.acknowledged();
    }

    /** From now on it drops no connection by itself. */
    void stay() {
        stays = true;
    }

    /** Posts the next message; false when too many posts wait for an ack. Only for one thread. */
    boolean post() {
        var id = user + "." + number++;
        var text = new StringBuilder("text of ").append(id).append(' ');
        while (text.length() < plan.textBytes()) text.append((char) ('a' + text.length() % 26));
        return outbox.put(id, text.toString());
    }

    /** The member's state, for failure messages. */
    String describe() {
        return user + ": connection " + conn + ", " + (link == null ? "not connected" : "connected") + ", "
                + following.describe() + (outbox.isEmpty() ? "" : ", posts without an answer");
    }

    /** Ends the member: it receives nothing more. */
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

    /** Connects and follows the room until the connection ends; true if the connection lasted long. */
    private boolean connectAndFollow() {
        var edge = edges.get(random.nextInt(edges.size()));
        var presence = random.nextBoolean() ? "&presence=diff" : ""; // both kinds of clients are correct
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
            return false; // that edge is down, or refuses clients
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
            // the connection is lost
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
