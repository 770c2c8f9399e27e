package io.rejoin.router.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.Tags;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * The gauges of this router's shards, about a second old. A partition has values only at the router that owns its
 * shard.
 */
final class ShardGauges {
    private static final double SECOND = Duration.ofSeconds(1).toNanos();

    private final MultiGauge lags;
    private final MultiGauge ages;
    private volatile List<ShardStatus> shards = List.of();

    ShardGauges(MeterRegistry registry) {
        for (var state : ShardStatus.State.values()) {
            Gauge.builder("rejoin.router.shards", () -> count(state)).baseUnit("shards")
                    .tag("state", state.name().toLowerCase(Locale.ROOT))
                    .description("Shards of this router, by state").register(registry);
        }
        lags = MultiGauge.builder("rejoin.router.lag").baseUnit("records")
                .description("Command records that the shard has not taken yet").register(registry);
        ages = MultiGauge.builder("rejoin.router.checkpoint.age").baseUnit("seconds")
                .description("Time since the shard took its oldest command that is in no checkpoint yet")
                .register(registry);
    }

    void update(List<ShardStatus> statuses) {
        if (statuses.equals(shards)) return; // idle shards do not change
        shards = statuses;
        lags.register(rows(statuses, status -> status.lag() == null ? null : status.lag().doubleValue()), true);
        ages.register(rows(statuses, ShardGauges::checkpointAgeSeconds), true);
    }

    private long count(ShardStatus.State state) {
        return shards.stream().filter(status -> status.state() == state).count();
    }

    private static @Nullable Double checkpointAgeSeconds(ShardStatus status) {
        var nanos = status.uncheckpointedNanos();
        return nanos == null ? null : nanos / SECOND;
    }

    private static List<MultiGauge.Row<?>> rows(List<ShardStatus> statuses,
            Function<ShardStatus, @Nullable Double> value) {
        var rows = new ArrayList<MultiGauge.Row<?>>();
        for (var status : statuses) {
            var shownValue = value.apply(status);
            var partition = Tags.of("partition", Integer.toString(status.partition()));
            if (shownValue != null) rows.add(MultiGauge.Row.of(partition, shownValue));
        }
        return rows;
    }
}
