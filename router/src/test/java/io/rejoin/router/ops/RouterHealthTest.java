package io.rejoin.router.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.resilience.Hysteresis;
import io.rejoin.router.metrics.ShardStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouterHealthTest {
    private final AtomicBoolean isAlive = new AtomicBoolean(true);
    private final AtomicReference<List<ShardStatus>> shards = new AtomicReference<>(List.of());
    private long now = 1;
    private @Nullable Long lastOwnBeatAt;
    private @Nullable String memoryProblem;
    private final RouterHealth health = new RouterHealth(
            new RouterHealth.Sources(isAlive::get, shards::get, () -> lastOwnBeatAt, () -> 1_000L, () -> memoryProblem),
            "kafka:9092", () -> now);

    @Test
    void itIsReadyWhileOwnBeatsComeBackFromKafka() {
        health.update();
        assertThat(health.isReady()).isFalse();
        lastOwnBeatAt = now;
        health.update();
        assertThat(health.isReady()).isTrue();

        advance(RouterHealth.MAX_BEAT_AGE);
        assertThat(health.report().status()).isEqualTo("degraded");
        advance(Hysteresis.UNRELIABLE_AFTER);
        assertThat(health.isReady()).isFalse();
        assertThat(health.isLive()).isTrue();
        assertThat(health.report().problems()).singleElement().asString().contains("kafka:9092");
    }

    @Test
    void aShardThatCannotBeTakenOverMakesItUnreadyAndIsNamed() {
        lastOwnBeatAt = now;
        shards.set(List.of(shard(0, ShardStatus.State.RUNNING, null), shard(1, ShardStatus.State.TAKING_OVER, null)));
        health.update();
        advance(RouterHealth.MAX_TAKEOVER);
        assertThat(health.report().problems()).isEmpty();

        shards.set(List.of(shard(0, ShardStatus.State.RUNNING, null), shard(1, ShardStatus.State.WAITING, "noise")));
        advance(Duration.ofMillis(1));
        assertThat(health.isReady()).isTrue();
        advance(Hysteresis.UNRELIABLE_AFTER);
        assertThat(health.isReady()).isFalse();
        assertThat(health.report().problems()).containsExactly("partition 1 of the commands: the shard failed: noise");
        assertThat(health.report().shards()).isEqualTo(new RouterHealth.Counts(1, 0, 1, 3));
    }

    @Test
    void aLongTakeoverMakesItUnready() {
        shards.set(List.of(shard(1, ShardStatus.State.TAKING_OVER, null)));
        lastOwnBeatAt = now;
        health.update();
        advance(RouterHealth.MAX_TAKEOVER.plusMillis(1));
        advance(Hysteresis.UNRELIABLE_AFTER);
        assertThat(health.isReady()).isFalse();
    }

    @Test
    void itIsNeitherLiveNorReadyWhenAThreadHasEnded() {
        lastOwnBeatAt = now;
        health.update();
        isAlive.set(false);
        assertThat(health.isLive()).isFalse();
        assertThat(health.isReady()).isFalse();
    }

    /** Lets time pass. Kafka keeps answering while the router has shards. */
    private void advance(Duration time) {
        var doesKafkaAnswer = !shards.get().isEmpty();
        now += time.toNanos();
        if (doesKafkaAnswer) lastOwnBeatAt = now;
        health.update();
    }

    @Test
    void aMemoryShortageIsReportedAndItStaysReady() {
        lastOwnBeatAt = now;
        health.update();
        memoryProblem = "memory: 91% of the heap";
        assertThat(health.isReady()).isTrue();
        assertThat(health.report().status()).isEqualTo("degraded");
        assertThat(health.report().problems()).containsExactly("memory: 91% of the heap");
    }

    private static ShardStatus shard(int partition, ShardStatus.State state, @Nullable String reason) {
        return new ShardStatus(partition, state, 1, reason, 7L, state == ShardStatus.State.RUNNING ? 3L : null, null);
    }
}
