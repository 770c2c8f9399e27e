package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.e2e.Collector.Step;
import java.net.URI;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Checks that the trace of a post shows each step in every process, with its time. */
class TraceIT {
    /** The test looks at the last post, when the processes are warm. */
    private static final int POSTS = 50;
    private static final String TEXT = "nobody but the members reads this";

    private final Cluster cluster = Cluster.shared();

    @Test
    void aPostIsSeenFromItsFrameToTheLastSocketAndIntoHistory() throws Exception {
        var port = Cluster.freePort();
        try (var _ = cluster.edge("edge-traced", port,
                Map.of("REJOIN_TRACES", "1", "OTEL_SERVICE_NAME", "edge-traced"))) {
            await().atMost(Cluster.PATIENCE).ignoreExceptions()
                    .until(() -> cluster.ask(port, "/health/ready").statusCode() == 200);
            try (var ann = Client.connect(URI.create("ws://127.0.0.1:" + port + "/ws/traced?name=trace-ann"));
                    var bob = Client.connect(cluster.edgeUri(0, "/ws/traced?name=trace-bob"))) {
                ann.await("join_ack");
                bob.await("join_ack");
                for (var n = 1; n <= POSTS; n++) {
                    ann.post("traced", "t" + n, TEXT);
                    var acks = n;
                    await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(5))
                            .until(() -> ann.frames("ack").size() == acks);
                }

                await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(100))
                        .until(() -> cluster.collector().begunBy("edge-traced").stream()
                                .filter(step -> step.parent().isEmpty()).count() == POSTS);
                await().atMost(Cluster.PATIENCE).pollInterval(Duration.ofMillis(100))
                        .untilAsserted(() -> assertThat(names(trace())).containsExactlyInAnyOrder(
                                "edge-traced post", "edge-traced send rejoin.commands",
                                "rejoin-router process rejoin.commands",
                                "rejoin-router send rejoin.events", "rejoin-history process rejoin.events",
                                // the message and the ack to ann's edge, the message to bob's
                                "rejoin-router push deliveries", "rejoin-router push deliveries",
                                "rejoin-router push deliveries", "edge-traced process deliveries",
                                "edge-traced process deliveries", "rejoin-edge process deliveries"));
            }
        }
        var trace = trace();
        System.out.println(drawn(trace)); // infra/observability/README.md shows one
        assertIsATree(trace);
        assertThat(trace.toString()).doesNotContain(TEXT, "trace-ann", "trace-bob");
        assertThat(trace).noneMatch(Step::isFailed);
        assertThat(trace).filteredOn(step -> step.name().equals("process deliveries"))
                .allSatisfy(step -> {
                    assertThat(step.notes()).containsEntry("rejoin.sockets", "1").containsKey("rejoin.router");
                    assertThat(step.events()).containsKeys("queued", "first socket");
                });
    }

    private List<Step> trace() {
        var steps = cluster.collector().begunBy("edge-traced");
        var last = steps.stream().filter(step -> step.parent().isEmpty()).max(Comparator.comparingLong(Step::begin));
        return steps.stream().filter(step -> step.trace().equals(last.map(Step::trace).orElse(""))).toList();
    }

    private static List<String> names(List<Step> trace) {
        return trace.stream().map(step -> step.service() + " " + step.name()).toList();
    }

    /** Checks that each span has the parent that the architecture describes, and does not begin before that parent. */
    private static void assertIsATree(List<Step> trace) {
        var byId = trace.stream().collect(Collectors.toMap(Step::id, Function.identity()));
        var parents = Map.of("send rejoin.commands", "post", "process rejoin.commands", "send rejoin.commands",
                "send rejoin.events", "process rejoin.commands", "push deliveries", "process rejoin.commands",
                "process rejoin.events", "send rejoin.events", "process deliveries", "push deliveries");
        for (var step : trace) {
            assertThat(step.end()).isGreaterThanOrEqualTo(step.begin());
            if (step.parent().isEmpty()) continue;
            assertThat(byId).as("what " + step + " follows from").containsKey(step.parent());
            var parent = Objects.requireNonNull(byId.get(step.parent()));
            assertThat(parent.name()).isEqualTo(parents.get(step.name()));
            assertThat(step.begin()).isGreaterThanOrEqualTo(parent.begin());
        }
    }

    /** Draws the trace like a collector's page: when each span began and how long it took. */
    private static String drawn(List<Step> trace) {
        var zero = trace.stream().mapToLong(Step::begin).min().orElseThrow();
        var root = trace.stream().filter(step -> step.parent().isEmpty()).findFirst().orElseThrow();
        return drawn(trace, root, zero, "").toString();
    }

    private static StringBuilder drawn(List<Step> trace, Step step, long zero, String indent) {
        var line = new StringBuilder(String.format(Locale.ROOT, "%-62s %8.2f ms  + %7.2f ms%n",
                indent + step.service() + "  " + step.name(), (step.begin() - zero) / 1e6,
                (step.end() - step.begin()) / 1e6));
        trace.stream().filter(next -> next.parent().equals(step.id())).sorted(Comparator.comparingLong(Step::begin))
                .forEach(next -> line.append(drawn(trace, next, zero, indent + "  ")));
        return line;
    }
}
