package io.rejoin.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.TopicNames;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.topics.TopicSetup;
import io.rejoin.servers.Broker;
import io.rejoin.servers.Servers;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Other routers replace a router that dies, stops or hangs, long before the group's session timeout. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class TakeoverIT {
    /** So long that a test that had to wait for it would fail. */
    private static final Duration SESSION = Duration.ofMinutes(5);
    private static final Duration MAX_SILENCE = Duration.ofSeconds(50);

    private static Broker kafka;

    private final AtomicReference<Throwable> fatal = new AtomicReference<>();
    private PostProbe probe;

    @BeforeAll
    static void start() {
        kafka = Servers.newBroker();
    }

    @AfterAll
    static void end() {
        kafka.close();
    }

    @BeforeEach
    void post() throws Exception {
        new TopicSetup(TestLog.config(servers())).ensure();
        probe = new PostProbe(servers());
    }

    @AfterEach
    void stop() throws Exception {
        probe.close();
        assertThat(fatal.get()).isNull();
    }

    @Test
    void aKilledRouterIsReplaced() throws Exception {
        try (var killed = new RouterProcess(servers(), SESSION)) {
            probe.resetLongestGap();
            try (var _ = startSecondRouter()) {
                killed.kill();
                assertNoLongSilence("killed");
            }
        }
    }

    @Test
    void aNewRouterDoesNotWaitForADeadOne() throws Exception {
        try (var killed = new RouterProcess(servers(), SESSION)) {
            probe.resetLongestGap();
            killed.kill();
            try (var _ = startRouter()) {
                assertNoLongSilence("restarted");
            }
        }
    }

    @Test
    void aStoppedRouterIsReplaced() throws Exception {
        var stopped = startRouter();
        probe.resetLongestGap();
        try (var _ = startSecondRouter()) {
            stopped.close();
            assertNoLongSilence("stopped");
        }
    }

    @Test
    void aHangingRouterIsReplacedAndHasNoShardsAfterwards() throws Exception {
        try (var hanging = new RouterProcess(servers(), SESSION)) {
            probe.resetLongestGap();
            try (var _ = startSecondRouter()) {
                hanging.signal("STOP");
                assertNoLongSilence("hanging");
                hanging.signal("CONT");
                probe.resetLongestGap();
            }
            assertNoLongSilence("back");
        }
    }

    private Router startRouter() throws Exception {
        return Router.start(TestLog.config(servers(), SESSION), fatal::set);
    }

    /** Starts a second router and waits until it is in the group and fully up. */
    private Router startSecondRouter() throws Exception {
        var started = startRouter();
        var log = new TestLog(servers());
        log.read(TopicNames.PLAIN.edges(), log.end(TopicNames.PLAIN.edges()), 20, record -> record.value() == null);
        probe.resetLongestGap();
        return started;
    }

    private void assertNoLongSilence(String what) {
        var silence = probe.awaitMoreAndGetLongestGap();
        assertThat(silence).as(what).isLessThan(MAX_SILENCE);
        var seqs = probe.seqs();
        assertThat(seqs).as("each once, in order, none left out")
                .isEqualTo(LongStream.rangeClosed(1, seqs.size()).boxed().toList());
    }

    private static String servers() {
        return kafka.bootstrapServers();
    }
}
