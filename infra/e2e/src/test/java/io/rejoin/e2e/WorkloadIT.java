package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.e2e.check.Checker;
import io.rejoin.e2e.check.Observation;
import io.rejoin.e2e.check.Recorder;
import io.rejoin.e2e.check.Requirements;
import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.FinalReads;
import io.rejoin.e2e.load.Plan;
import io.rejoin.e2e.load.Workload;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Members post while an edge is killed and restarted. The test records all their observations and checks every promise.
 */
class WorkloadIT {
    private final Cluster cluster = Cluster.shared();

    @TempDir
    private Path folder;

    @AfterEach
    void allIsWellAgain() {
        cluster.awaitReady();
    }

    @Test
    void theHistoryOfARunWithADeadEdgeIsClean() throws Exception {
        var history = folder.resolve("history.jsonl");
        try (var recorder = new Recorder(history)) {
            run(recorder);
        }

        var report = Checker.check(List.of(history), Requirements.of(200, 1));

        assertThat(report.isClean()).as(report.text()).isTrue();
    }

    private void run(Recorder recorder) throws Exception {
        var edges = IntStream.range(0, 2).mapToObj(i -> cluster.edgeUri(i, "")).toList();
        var plan = Plan.of("workload", 3, 5, 60).withDropEvery(Duration.ofSeconds(6))
                .withBackoff(new Backoff(Duration.ofMillis(500), Duration.ofSeconds(2)));
        try (var workload = new Workload(plan, edges, recorder)) {
            workload.connect();
            workload.awaitLive(Cluster.PATIENCE);
            workload.startPosting();
            awaitMore(workload, 100);
            killAndRestartAnEdge(workload, recorder);
            awaitMore(workload, 100);
            workload.settle(Cluster.PATIENCE);
            finalReads(edges, recorder).readAll(workload);
        }
    }

    private void killAndRestartAnEdge(Workload workload, Recorder recorder) {
        var victim = cluster.edges().getFirst();
        fault(recorder, victim, Observation.Phase.BEGIN);
        victim.kill();
        awaitMore(workload, 50);
        victim.restart();
        cluster.awaitHealthy(0);
        fault(recorder, victim, Observation.Phase.END);
    }

    private FinalReads finalReads(List<URI> edges, Recorder recorder) {
        return new FinalReads(edges, cluster.historyUri(), cluster.kafka().bootstrapServers(), recorder);
    }

    private static void fault(Recorder recorder, ServiceProcess victim, Observation.Phase phase) {
        recorder.record(new Observation.Fault(recorder.at("test", "", 0), "kill", victim.name(), phase));
    }

    private static void awaitMore(Workload workload, long acknowledged) {
        var before = workload.acknowledged();
        await().atMost(Cluster.PATIENCE).until(() -> workload.acknowledged() >= before + acknowledged);
    }
}
