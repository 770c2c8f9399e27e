package io.rejoin.edge.liveness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Future;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.NotEnoughReplicasException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class EdgeHeartbeatSenderTest {
    private final EdgeIdentity identity = new EdgeIdentity("edge-1");

    @Test
    void heartbeatsCarryTheCurrentIncarnation() throws Exception {
        var producer = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        var sender = new EdgeHeartbeatSender(producer, TopicNames.PLAIN.edges(), identity, () -> "here:80", () -> 7,
                () -> "ok",
                new Random(1));
        sender.sendFirst(Duration.ofSeconds(30));
        identity.renew();
        var thread = Thread.ofVirtual().start(sender);
        await().atMost(Duration.ofSeconds(30)).until(() -> producer.history().size() >= 2);
        sender.stop();
        assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        assertThat(producer.history().getFirst().topic()).isEqualTo(TopicNames.PLAIN.edges());
        assertThat(LogCodec.heartbeat(producer.history().getFirst().value()))
                .isEqualTo(new EdgeHeartbeat(new EdgeRef("edge-1", 1, 0), "here:80", 7, "ok"));
        assertThat(LogCodec.heartbeat(producer.history().get(1).value()).edge().incarnation()).isEqualTo(2);
    }

    @Test
    void startFailsWithoutAFirstHeartbeat() {
        var silent = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        var sender = new EdgeHeartbeatSender(silent, TopicNames.PLAIN.edges(), identity, () -> "here:80", () -> 7,
                () -> "ok", new Random(1));

        assertThatThrownBy(() -> sender.sendFirst(Duration.ofMillis(50)))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining(TopicNames.PLAIN.edges());
    }

    @Test
    void theFirstHeartbeatIsRetriedWhileBrokersRestart() throws Exception {
        var refusals = new AtomicInteger(3);
        var restarting = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer()) {
            @Override
            public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> heartbeat) {
                if (refusals.getAndDecrement() <= 0) return super.send(heartbeat);
                return CompletableFuture.failedFuture(new NotEnoughReplicasException("one of two"));
            }
        };
        new EdgeHeartbeatSender(restarting, TopicNames.PLAIN.edges(), identity, () -> "here:80", () -> 7,
                () -> "ok", new Random(1))
                .sendFirst(Duration.ofMinutes(2));

        assertThat(restarting.history()).hasSize(1);
        assertThat(refusals).hasValue(-1);
    }

    @Test
    void aMissingPermissionFailsAtOnce() {
        var forbidden = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        forbidden.sendException = new TopicAuthorizationException(TopicNames.PLAIN.edges());
        var sender = new EdgeHeartbeatSender(forbidden, TopicNames.PLAIN.edges(), identity, () -> "here:80", () -> 7,
                () -> "ok",
                new Random(1));

        assertThatThrownBy(() -> sender.sendFirst(Duration.ofDays(1))).isInstanceOf(IllegalStateException.class)
                .hasCauseInstanceOf(TopicAuthorizationException.class);
    }

    @Test
    void anInterruptEndsTheWaitForTheFirstHeartbeat() throws Exception {
        var unreachable = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        unreachable.sendException = new TimeoutException("no broker");
        var sender = new EdgeHeartbeatSender(unreachable, TopicNames.PLAIN.edges(), identity, () -> "here:80", () -> 7,
                () -> "ok", new Random(1));
        var start = new FutureTask<>(() -> {
            sender.sendFirst(Duration.ofDays(1));
            return true;
        });
        var thread = Thread.ofVirtual().start(start);
        thread.interrupt();

        assertThatThrownBy(() -> start.get(30, TimeUnit.SECONDS)).hasCauseInstanceOf(InterruptedException.class);
    }

    @Test
    void aFailedHeartbeatIsReportedWithItsReason() throws Exception {
        var broken = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        var sender = new EdgeHeartbeatSender(broken, TopicNames.PLAIN.edges(), identity, () -> "here:80", () -> 7,
                () -> "ok", new Random(1));
        assertThat(sender.problem()).isNull();
        broken.sendException = new TopicAuthorizationException(TopicNames.PLAIN.edges());
        var thread = Thread.ofVirtual().start(sender);
        await().atMost(Duration.ofSeconds(30)).until(() -> sender.problem() != null);
        sender.stop();

        assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        assertThat(sender.problem()).contains("KAFKA_BOOTSTRAP_SERVERS").contains("TopicAuthorizationException");
    }
}
