package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.e2e.check.Checker;
import io.rejoin.e2e.check.Recorder;
import io.rejoin.e2e.check.Requirements;
import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.Plan;
import io.rejoin.e2e.load.Swarm;
import io.rejoin.e2e.load.Workload;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Many clients lose their connections at the same moment and reconnect, while others post. {@code infra/storm} runs
 * this test with as many clients as the design promises to survive.
 */
class SwarmIT {
    private static final int SIZE = Integer.getInteger("rejoin.swarm.size", 300);
    private static final int ROOMS = Integer.getInteger("rejoin.swarm.rooms", Math.max(3, SIZE / 100));
    private static final int RATE = Integer.getInteger("rejoin.swarm.rate", 50);
    private static final Duration SPREAD = Duration.ofMillis(SIZE * 3L);
    private static final Duration PATIENCE = Cluster.PATIENCE.plusMillis(SIZE * 20L);

    private final Cluster cluster = Cluster.shared();

    @TempDir
    private Path folder;

    @Test
    void allComeBackAtOnceAndHaveMissedNothing() throws Exception {
        var history = folder.resolve("posters.jsonl");
        var edges = IntStream.range(0, 2).mapToObj(i -> cluster.edgeUri(i, "")).toList();
        var plan = Plan.of("swarm-room", ROOMS, 1, RATE);
        try (var recorder = new Recorder(history);
                var posters = new Workload(plan, edges, recorder);
                var swarm = new Swarm(SIZE, List.copyOf(posters.rooms()), edges, Backoff.DOCUMENTED, 1)) {
            posters.connect();
            posters.awaitLive(PATIENCE);
            swarm.connect(SPREAD, PATIENCE);
            posters.startPosting();
            awaitMore(posters);

            swarm.dropAll();
            swarm.awaitBack(SIZE, PATIENCE);
            awaitMore(posters);

            posters.settle(PATIENCE);
            posters.rooms().forEach(room -> swarm.awaitSeq(room, posters.head(room), PATIENCE));
            var result = swarm.result();
            System.out.println(SIZE + " clients in " + ROOMS + " rooms, " + RATE + " messages a second: " + result);
            assertThat(result.missed()).as(result.toString()).isZero();
            assertThat(result.duplicated()).as(result.toString()).isZero();
            assertThat(result.resumed()).isEqualTo(SIZE);
        }
        var report = Checker.check(List.of(history),
                Requirements.of(100, 0).withFinalReads(Set.of()).withMaxPresence(Duration.ofDays(1)));
        assertThat(report.isClean()).as(report.text()).isTrue();
    }

    private static void awaitMore(Workload posters) {
        var before = posters.acknowledged();
        await().atMost(PATIENCE).until(() -> posters.acknowledged() >= before + 100);
    }
}
