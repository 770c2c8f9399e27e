package io.rejoin.router;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.router.core.StateEntry;
import io.rejoin.router.kafka.TestLog;
import io.rejoin.router.topics.TopicSetup;
import io.rejoin.servers.Servers;
import java.time.Duration;
import java.util.UUID;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A shard whose duplicate window is full can be taken over as usual, in little memory. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class FullWindowIT {
    private static final Logger log = LoggerFactory.getLogger(FullWindowIT.class);
    private static final Duration SESSION = Duration.ofMinutes(5);
    /** The shard takes 27 MB of this heap, on top of what a router takes without a shard. */
    private static final String HEAP = "128m";
    private static final int CHUNKS = 250_000 / 64;

    @Test
    void aShardWithAFullWindowIsTakenOver() throws Exception {
        try (var kafka = Servers.newBroker()) {
            var servers = kafka.bootstrapServers();
            new TopicSetup(TestLog.config(servers)).ensure();
            new TestLog(servers).checkpoint(IntStream.range(0, CHUNKS).mapToObj(FullWindowIT::chunk).toList());
            try (var probe = new PostProbe(servers); var killed = new RouterProcess(servers, SESSION, HEAP)) {
                probe.resetLongestGap();
                try (var _ = new RouterProcess(servers, SESSION, HEAP)) {
                    awaitBeats(servers);
                    probe.resetLongestGap();
                    killed.kill();
                    var silence = probe.awaitMoreAndGetLongestGap();

                    log.atInfo().addKeyValue("ms", silence.toMillis()).log("a killed router's full shard was silent");
                    var seqs = probe.seqs();
                    assertThat(seqs).isEqualTo(LongStream.rangeClosed(1, seqs.size()).boxed().toList());
                }
            }
        }
    }

    /** Waits for so many beats that the second router is fully up. */
    private static void awaitBeats(String servers) {
        var topics = new TestLog(servers);
        topics.read(TopicNames.PLAIN.edges(), topics.end(TopicNames.PLAIN.edges()), 40,
                record -> record.value() == null);
    }

    private static StateEntry chunk(int number) {
        var posts = IntStream.range(0, 64).mapToObj(n -> post(64 * number + n)).toList();
        return new StateEntry.OfPosts(number, posts);
    }

    private static StateEntry.Post post(int n) {
        return new StateEntry.Post(new RoomId("default", "room-" + n % 200), new UserId("default", "user-" + n % 5000),
                UUID.randomUUID().toString(), 1 + n / 200, System.currentTimeMillis(), Long.MAX_VALUE - n);
    }
}
