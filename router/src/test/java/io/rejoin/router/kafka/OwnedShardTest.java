package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.router.core.Shard;
import java.time.Duration;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class OwnedShardTest {
    private final MockProducer<byte[], byte[]> outputs = producer();
    private final MockProducer<byte[], byte[]> checkpoints = producer();
    private final OwnedShard shard = new OwnedShard(0, new StateTopic.Restored(new Shard(0), 0, 0, null),
            this::read, new Emitter(outputs, 0), new CheckpointWriter(checkpoints, 0));

    @Test
    void thereIsNoCheckpointAfterOneThatFailed() {
        checkpoints.beginTransactionException = new TimeoutException("Kafka is away");
        shard.take(List.of(post(0, "a")));
        await().atMost(TestLog.PATIENCE).until(() -> {
            shard.checkpointIfDue();
            return shard.failure() != null;
        });

        checkpoints.beginTransactionException = null;
        shard.take(List.of(post(1, "b")));

        await().during(Duration.ofSeconds(2)).atMost(TestLog.PATIENCE).until(() -> { // the next one would be due by then
            shard.checkpointIfDue();
            return checkpoints.commitCount() == 0;
        });
        shard.release();
        assertThat(checkpoints.commitCount()).isZero();
        assertThat(shard.durable()).isZero();
    }

    @Test
    void nothingOfABatchIsSentWhenOneOfItsRecordsMakesTheShardFail() {
        shard.take(List.of(post(0, "a"), post(1, "poison"), post(2, "b")));
        assertThat(shard.failure()).isInstanceOfSatisfying(PoisonException.class, poison -> {
            assertThat(poison.first()).isEqualTo(1);
            assertThat(poison.last()).isEqualTo(1);
        });
        assertThat(outputs.history()).isEmpty();
        shard.abandon();
    }

    private List<Command> read(ConsumerRecord<byte[], byte[]> record)
            throws MalformedRecordException {
        if (new String(record.value(), UTF_8).contains("poison")) throw new IllegalStateException("a bug");
        return CommandReader.checked(record);
    }

    private static ConsumerRecord<byte[], byte[]> post(long offset, String text) {
        var post = new Command.Post(new RoomId("default", "r"), new UserId("default", "ann"), new ConnectionId("c"),
                new EdgeRef("edge", 1, 0), null, Content.text(text));
        return new ConsumerRecord<>(Topics.COMMANDS, 0, offset, new byte[0], LogCodec.commands(List.of(post)));
    }

    private static MockProducer<byte[], byte[]> producer() {
        return new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    }
}
