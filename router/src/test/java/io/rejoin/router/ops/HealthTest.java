package io.rejoin.router.ops;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.router.kafka.ShardStatus;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class HealthTest {
    private final AtomicBoolean alive = new AtomicBoolean(true);
    private final AtomicReference<List<ShardStatus>> shards = new AtomicReference<>(List.of());
    private long now = 1;
    private @Nullable Long heard;
    private @Nullable String memory;
    private final Health health = new Health(
            new Health.Sources(alive::get, shards::get, () -> heard, () -> 1_000L, () -> memory),
            "kafka:9092", () -> now);

    @Test
    void itIsReadyOnceKafkaIsHeardAndUnreadyWhenThatEnds() {
        health.look();
        assertThat(health.isReady()).isFalse();
        heard = now;
        health.look();
        assertThat(health.isReady()).isTrue();

        pass(Health.HEARD);
        assertThat(health.report().status()).isEqualTo("degraded");
        pass(Hysteresis.TROUBLE);
        assertThat(health.isReady()).isFalse();
        assertThat(health.isLive()).isTrue();
        assertThat(health.report().problems()).singleElement().asString().contains("kafka:9092");
    }

    @Test
    void aShardThatCannotBeTakenOverMakesItUnreadyAndIsNamed() {
        heard = now;
        shards.set(List.of(shard(0, ShardStatus.State.RUNNING, null), shard(1, ShardStatus.State.TAKING_OVER, null)));
        health.look();
        pass(Health.TAKEOVER);
        assertThat(health.report().problems()).isEmpty();

        shards.set(List.of(shard(0, ShardStatus.State.RUNNING, null), shard(1, ShardStatus.State.WAITING, "noise")));
        pass(Duration.ofMillis(1));
        assertThat(health.isReady()).isTrue();
        pass(Hysteresis.TROUBLE);
        assertThat(health.isReady()).isFalse();
        assertThat(health.report().problems()).containsExactly("partition 1 of the commands: the shard failed: noise");
        assertThat(health.report().shards()).isEqualTo(new Health.Counts(1, 0, 1, 3));
    }

    @Test
    void aTakeoverThatTakesLongMakesItUnready() {
        shards.set(List.of(shard(1, ShardStatus.State.TAKING_OVER, null)));
        heard = now;
        health.look();
        pass(Health.TAKEOVER.plusMillis(1));
        pass(Hysteresis.TROUBLE);
        assertThat(health.isReady()).isFalse();
    }

    @Test
    void withoutItsLoopsItIsNeitherLiveNorReady() {
        heard = now;
        health.look();
        alive.set(false);
        assertThat(health.isLive()).isFalse();
        assertThat(health.isReady()).isFalse();
    }

    /** Lets time pass. Kafka keeps answering while the router has shards. */
    private void pass(Duration time) {
        var isHeard = !shards.get().isEmpty();
        now += time.toNanos();
        if (isHeard) heard = now;
        health.look();
    }

    @Test
    void aShortageOfMemoryIsToldAndLeavesItReady() {
        heard = now;
        health.look();
        memory = "memory: 91% of the heap";
        assertThat(health.isReady()).isTrue();
        assertThat(health.report().status()).isEqualTo("degraded");
        assertThat(health.report().problems()).containsExactly("memory: 91% of the heap");
    }

    private static ShardStatus shard(int partition, ShardStatus.State state, @Nullable String reason) {
        return new ShardStatus(partition, state, 1, reason, 7L, state == ShardStatus.State.RUNNING ? 3L : null, null);
    }
}
