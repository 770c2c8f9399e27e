package io.rejoin.router.metrics;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.router.core.Output;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RouterMetersTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final ConnectionId CONNECTION = new ConnectionId("c");
    private static final EdgeRef EDGE = new EdgeRef("edge", 1, 0);

    private final MeterRegistry registry = new SimpleMeterRegistry();
    private final RouterMeters meters = new RouterMeters(registry);

    @Test
    void usableCommandsAreCountedByType() {
        meters.countCommands(new CommandRecord(1, List.of(
                new CommandRecord.Item.Usable(new Command.EdgeLost("edge", 1)),
                new CommandRecord.Item.Unusable("garbage"),
                new CommandRecord.Item.Usable(new Command.ListMembers(LOBBY, CONNECTION, EDGE, 1)))));

        assertThat(count("rejoin.router.commands", "edge_lost")).isEqualTo(1);
        assertThat(count("rejoin.router.commands", "list_members")).isEqualTo(1);
        assertThat(registry.find("rejoin.router.commands").counters()).hasSize(8)
                .extracting(counter -> counter.count()).filteredOn(count -> count > 0).hasSize(2);
    }

    @Test
    void aDuplicatePostIsCountedByItsAck() {
        meters.countOutputs(List.of(acked("1", false), acked("1", true)));

        assertThat(count("rejoin.router.deliveries", "acked")).isEqualTo(2);
        assertThat(registry.get("rejoin.router.duplicate.posts").counter().count()).isEqualTo(1);
    }

    @Test
    void aPartitionHasGaugesOnlyWhileItsShardIsOnThisRouter() {
        meters.showShards(List.of(status(0, ShardStatus.State.RUNNING, 7L),
                status(1, ShardStatus.State.TAKING_OVER, null)));
        assertThat(registry.find("rejoin.router.lag").gauges()).singleElement()
                .satisfies(gauge -> assertThat(gauge.value()).isEqualTo(7));
        assertThat(registry.get("rejoin.router.shards").tag("state", "taking_over").gauge().value()).isEqualTo(1);
        assertThat(registry.get("rejoin.router.checkpoint.age").tag("partition", "0").gauge().value()).isEqualTo(2);

        meters.showShards(List.of());
        assertThat(registry.find("rejoin.router.lag").gauges()).isEmpty();
        assertThat(registry.get("rejoin.router.shards").tag("state", "running").gauge().value()).isZero();
    }

    private static ShardStatus status(int partition, ShardStatus.State state, @Nullable Long lag) {
        return new ShardStatus(partition, state, 1, null, 1L, lag, lag == null ? null : 2_000_000_000L);
    }

    private static Output acked(String id, boolean isDuplicate) {
        return new Output.Push(new Source(0, 1, 0), EDGE, new Delivery.Acked(LOBBY, CONNECTION, id, 1, 1, isDuplicate));
    }

    private double count(String name, String type) {
        return registry.get(name).tag("type", type).counter().count();
    }
}
