package io.rejoin.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.TopicNames;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.kafka.TopicSetup;
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
    private static final Duration SOON = Duration.ofSeconds(50);

    private static Broker kafka;

    private final AtomicReference<Throwable> fatal = new AtomicReference<>();
    private Pulse pulse;

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
        pulse = new Pulse(servers());
    }

    @AfterEach
    void stop() throws Exception {
        pulse.close();
        assertThat(fatal.get()).isNull();
    }

    @Test
    void aRouterThatIsKilledIsReplacedByAnother() throws Exception {
        try (var killed = new RouterProcess(servers(), SESSION)) {
            pulse.begin();
            try (var _ = second()) {
                killed.kill();
                tell("killed");
            }
        }
    }

    @Test
    void aRouterThatStartsDoesNotWaitForADeadOne() throws Exception {
        try (var killed = new RouterProcess(servers(), SESSION)) {
            pulse.begin();
            killed.kill();
            try (var _ = router()) {
                tell("restarted");
            }
        }
    }

    @Test
    void aRouterThatStopsIsReplacedByAnother() throws Exception {
        var stopped = router();
        pulse.begin();
        try (var _ = second()) {
            stopped.close();
            tell("stopped");
        }
    }

    @Test
    void aRouterThatHangsIsReplacedAndComesBackWithEmptyHands() throws Exception {
        try (var hanging = new RouterProcess(servers(), SESSION)) {
            pulse.begin();
            try (var _ = second()) {
                hanging.signal("STOP");
                tell("hanging");
                hanging.signal("CONT");
                pulse.begin();
            }
            tell("back");
        }
    }

    private Router router() throws Exception {
        return Router.start(TestLog.config(servers(), SESSION), fatal::set);
    }

    /** Starts a second router and waits until it is in the group and fully up. */
    private Router second() throws Exception {
        var started = router();
        var log = new TestLog(servers());
        log.read(TopicNames.PLAIN.edges(), log.end(TopicNames.PLAIN.edges()), 20, record -> record.value() == null);
        pulse.begin();
        return started;
    }

    private void tell(String what) {
        var silence = pulse.silenceUntilMoreCame();
        assertThat(silence).as(what).isLessThan(SOON);
        var seqs = pulse.seqs();
        assertThat(seqs).as("each once, in order, none left out")
                .isEqualTo(LongStream.rangeClosed(1, seqs.size()).boxed().toList());
    }

    private static String servers() {
        return kafka.bootstrapServers();
    }
}
