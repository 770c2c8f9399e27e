package io.rejoin.edge.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.ServerFrame;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;

/** Counts and times clients' posts, appends to the command log, and answers to clients. Safe for any thread. */
public final class SessionMeters {
    static final Duration[] LATENCIES = LongStream
            .of(2, 5, 10, 25, 50, 100, 250, 500, 1_000, 2_500, 5_000, 10_000, 30_000)
            .mapToObj(Duration::ofMillis).toArray(Duration[]::new);

    private final Counter posts;
    private final Counter acks;
    private final Counter duplicates;
    private final Timer latency;
    private final Counter late;
    private final Timer appends;
    private final Counter failedAppends;
    private final Map<ErrorCode, Counter> errors = new EnumMap<>(ErrorCode.class);
    private final Map<ServerFrame.Outcome, Counter> resumes = new EnumMap<>(ServerFrame.Outcome.class);

    public SessionMeters(MeterRegistry registry) {
        posts = counter("rejoin.edge.posts", "posts", "Messages of clients that are queued for the command log")
                .register(registry);
        acks = acks(registry, "no");
        duplicates = acks(registry, "yes");
        latency = Timer.builder("rejoin.edge.ack.latency").serviceLevelObjectives(LATENCIES)
                .description("Time from a post with an id to its ack").register(registry);
        late = counter("rejoin.edge.late.answers", "answers",
                "Dropped answers to posts: the post was answered before, or has timed out").register(registry);
        appends = Timer.builder("rejoin.edge.append.latency").serviceLevelObjectives(LATENCIES)
                .description("Time until a command of a client or of the edge is in Kafka").register(registry);
        failedAppends = counter("rejoin.edge.unknown.appends", "appends",
                "Commands that Kafka did not confirm, and may or may not have").register(registry);
        for (var code : ErrorCode.values()) {
            errors.put(code, counter("rejoin.edge.errors", "errors", "Errors sent to clients, by code")
                    .tag("code", code.wireName()).register(registry));
        }
        for (var outcome : ServerFrame.Outcome.values()) {
            resumes.put(outcome, counter("rejoin.edge.resumes", "resumes", "Resumes of clients, by outcome")
                    .tag("outcome", outcome.name().toLowerCase(Locale.ROOT)).register(registry));
        }
    }

    private static Counter acks(MeterRegistry registry, String duplicate) {
        return counter("rejoin.edge.acks", "acks", "Posts with an id that were acknowledged to clients")
                .tag("duplicate", duplicate).register(registry);
    }

    private static Counter.Builder counter(String name, String unit, String what) {
        return Counter.builder(name).baseUnit(unit).description(what);
    }

    /** Counts a message that is queued for the command log. */
    public void countPost() {
        posts.increment();
    }

    /** Measures the latency of a command that Kafka has stored. */
    public void recordAppend(Duration duration) {
        appends.record(duration);
    }

    /** Counts a command with an unknown outcome. */
    public void countFailedAppend() {
        failedAppends.increment();
    }

    /** Counts a queued answer to a post, and measures its latency. */
    public void recordAnswer(ServerFrame answer, Duration duration) {
        if (!(answer instanceof ServerFrame.Ack ack)) return; // countReply() counts errors
        (Boolean.TRUE.equals(ack.duplicate()) ? duplicates : acks).increment();
        latency.record(duration);
    }

    /** Counts a dropped answer to a post. */
    public void countLateAnswer() {
        late.increment();
    }

    /** Counts a frame that is for one client only: errors and resyncs. */
    public void countReply(ServerFrame frame) {
        if (frame instanceof ServerFrame.Failure failure) increment(errors.get(failure.code()));
        else if (frame instanceof ServerFrame.Resync resync) increment(resumes.get(resync.outcome()));
    }

    private static void increment(@Nullable Counter counter) {
        if (counter != null) counter.increment();
    }
}
