package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The last delivery to each edge is part of a shard's state. */
class LastDeliveriesTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");
    private static final ConnectionId A1 = new ConnectionId("a1");
    private static final EdgeRef EAST = new EdgeRef("east", 1, 0);
    private static final EdgeRef EAST_AGAIN = new EdgeRef("east", 2, 0);
    private static final EdgeRef WEST = new EdgeRef("west", 1, 0);

    private final Shard shard = new Shard(0);
    private int version = 3;
    private long offset;

    @Test
    void theLastDeliveryToEachEdgeIsRecorded() {
        var outputs = apply(join(EAST));
        assertThat(shard.lastDeliveries()).containsExactly(new StateEntry.LastDelivery(EAST, lastTo(EAST, outputs)));

        outputs = apply(join(WEST), post(EAST));
        assertThat(shard.lastDeliveries()).containsExactly(new StateEntry.LastDelivery(EAST, lastTo(EAST, outputs)),
                new StateEntry.LastDelivery(WEST, lastTo(WEST, outputs)));
    }

    @Test
    void aNewIncarnationHasItsOwnLastDelivery() {
        apply(join(EAST));
        var outputs = apply(join(EAST_AGAIN));
        var last = new StateEntry.LastDelivery(EAST_AGAIN, lastTo(EAST_AGAIN, outputs));
        assertThat(shard.lastDeliveries()).containsExactly(last);

        outputs = apply(new Command.ListMembers(LOBBY, A1, EAST, 1));
        assertThat(outputs).hasSize(1);
        assertThat(shard.lastDeliveries()).containsExactly(last);
    }

    @Test
    void aGivenUpEdgeHasNoLastDelivery() {
        apply(join(EAST));
        apply(new Command.EdgeLost("east", 1));
        assertThat(shard.lastDeliveries()).isEmpty();
        apply(post(EAST)); // the edge does not know yet that it was given up
        assertThat(shard.lastDeliveries()).isEmpty();
        assertThat(shard.edges()).isEmpty();
    }

    /** Otherwise no router would ever report the edge as lost, and its chain would never be removed. */
    @Test
    void anEdgeThatWasSentADeliveryIsWatched() {
        apply(join(EAST), new Command.Leave(LOBBY, A1, EAST));
        assertThat(shard.edges()).containsExactly(EAST);
        apply(new Command.EdgeLost("east", 1));
        assertThat(shard.edges()).isEmpty();
        assertThat(shard.takeChanges())
                .noneMatch(entry -> entry instanceof StateEntry.OfChain(_, var chain) && chain != null);
    }

    /** A router without support for chains could not read such a state. */
    @Test
    void lastDeliveriesAreRecordedFromVersion3On() {
        version = 2;
        apply(join(EAST));
        assertThat(shard.lastDeliveries()).isEmpty();
        assertThat(shard.takeChanges()).noneMatch(StateEntry.OfChain.class::isInstance);
    }

    private List<Output> apply(Command... commands) {
        return shard.apply(offset++, 1_000 + offset, new CommandBatch(version, List.of(commands)));
    }

    private static Command join(EdgeRef edge) {
        return new Command.Join(LOBBY, ANN, A1, edge, 1);
    }

    private static Command post(EdgeRef edge) {
        return new Command.Post(LOBBY, ANN, A1, edge, "id", Content.text("hi"));
    }

    private static Source lastTo(EdgeRef edge, List<Output> outputs) {
        return outputs.stream().filter(output -> output instanceof Output.Push push && push.edge().equals(edge))
                .map(Output::source).toList().getLast();
    }
}
