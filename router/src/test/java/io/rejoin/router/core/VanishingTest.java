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
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** From the first record of a new edge on, a room that never held a message vanishes when its last member leaves. */
class VanishingTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");
    private static final UserId BOB = new UserId("default", "bob");
    private static final ConnectionId A1 = new ConnectionId("a1");
    private static final ConnectionId A2 = new ConnectionId("a2");
    private static final ConnectionId B1 = new ConnectionId("b1");
    private static final EdgeRef EAST = new EdgeRef("east", 1, 0);
    private static final EdgeRef WEST = new EdgeRef("west", 1, 1);

    private final TestStateTopic topic = new TestStateTopic();
    private Shard shard = new Shard(3);
    private int version = 2;
    private long offset;

    @Test
    void aRoomThatComesBackBeginsALaterEpochEvenInTheSameMillisecond() {
        var epochs = new ArrayList<Long>();
        for (var n = 0; n < 4; n++) {
            epochs.add(joined(take(100, join(LOBBY, ANN, A1, EAST))).epoch());
            take(100, leave(LOBBY, A1, EAST));
            if (n == 1) restart();
        }

        assertThat(epochs).containsExactly(100L, 101L, 102L, 103L);
    }

    @Test
    void nothingIsLeftOfItInTheState() {
        take(100, join(new RoomId("default", "other"), BOB, B1, EAST));
        restart();
        var before = topic.latest().keySet();
        for (var n = 0; n < 500; n++) {
            take(200 + n, join(new RoomId("default", "r" + n), ANN, A1, EAST));
            if (n % 3 == 0) restart();
            take(200 + n, leave(new RoomId("default", "r" + n), A1, EAST));
        }
        restart();

        assertThat(topic.latest().keySet()).isEqualTo(before);
    }

    @Test
    void whatCameAndWentBetweenTwoCheckpointsIsNotWritten() {
        take(100, join(LOBBY, ANN, A1, EAST), leave(LOBBY, A1, EAST));

        assertThat(shard.takeChanges()).allMatch(StateEntry.OfShard.class::isInstance);
    }

    @Test
    void oneThatHeldAMessageOrHasAMemberStays() {
        take(100, join(LOBBY, ANN, A1, EAST), join(LOBBY, ANN, A2, WEST), leave(LOBBY, A1, EAST));
        assertThat(joined(take(200, join(LOBBY, BOB, B1, EAST))).epoch()).isEqualTo(100);
        take(300, new Command.Post(LOBBY, ANN, A2, WEST, "x", Content.text("hi")));
        take(400, leave(LOBBY, A2, WEST), leave(LOBBY, B1, EAST));
        restart();

        var again = joined(take(500, join(LOBBY, BOB, B1, EAST)));
        assertThat(again.epoch()).isEqualTo(100);
        assertThat(again.seq()).isEqualTo(1);
        assertThat(again.version()).isEqualTo(5);
    }

    @Test
    void withItsLostEdgeItVanishesToo() {
        take(100, join(LOBBY, ANN, A1, EAST));

        assertThat(take(200, new Command.EdgeLost("east", 1)))
                .anyMatch(output -> output instanceof Output.Fact(_, Event.MemberLeft left) && left.epoch() == 100);
        assertThat(joined(take(300, join(LOBBY, BOB, B1, WEST))).epoch()).isEqualTo(300);
        assertThat(shard.edges()).containsExactly(WEST);
    }

    @Test
    void aPostToNobodyMakesARoomThatStays() {
        take(100, new Command.Post(LOBBY, ANN, A1, EAST, null, Content.text("hi")));

        assertThat(joined(take(200, join(LOBBY, BOB, B1, EAST))).epoch()).isEqualTo(100);
    }

    @Test
    void aRefusedPostStaysRefusedInTheEpochAfter() {
        take(100, join(LOBBY, ANN, A1, EAST));
        IntStream.rangeClosed(0, Command.MAX_RECIPIENTS).forEach(
                n -> take(100, join(LOBBY, new UserId("default", "u" + n), new ConnectionId("c" + n), WEST)));
        var post = new Command.Post(LOBBY, ANN, A1, EAST, "x", Content.text("hi"), 1_000L);
        assertThat(take(200, post)).hasSize(1);
        take(300, new Command.EdgeLost("west", 1), leave(LOBBY, A1, EAST));
        restart();
        assertThat(joined(take(400, join(LOBBY, ANN, A1, EAST))).epoch()).isEqualTo(400);

        assertThat(take(500, post)).containsExactly(new Output.Push(new Source(3, offset, 0), EAST,
                new Delivery.Refused(LOBBY, A1, "x", Delivery.Refusal.TOO_MANY_RECIPIENTS)));
        assertThat(take(500, new Command.Expire(LOBBY, 100, 1))).isEmpty();
    }

    @Test
    void asLongAsOnlyOldEdgesHaveWrittenNothingVanishes() {
        version = 1;
        take(100, join(LOBBY, ANN, A1, EAST), leave(LOBBY, A1, EAST));
        restart();
        assertThat(shard.rules()).isEqualTo(1);
        assertThat(topic.latest()).containsOnlyKeys("room:default/lobby");
        assertThat(topic.latest()).containsEntry("room:default/lobby",
                "{\"epoch\":100,\"seq\":0,\"version\":2}");
        var again = joined(take(200, join(LOBBY, ANN, A1, EAST)));
        assertThat(again.epoch()).isEqualTo(100);
        assertThat(again.emptySince()).isNull();

        version = 2;
        take(300, new Command.ListMembers(LOBBY, A1, EAST, 9));
        version = 1; // old and new edges append at the same time
        take(400, leave(LOBBY, A1, EAST));

        assertThat(joined(take(500, join(LOBBY, ANN, A1, EAST))).epoch()).isEqualTo(500);
        restart();
        assertThat(shard.rules()).isEqualTo(2);
    }

    /** The version tells a router that cannot read such records to leave the shard alone. */
    @Test
    void thatRecordsAreBinaryIsRememberedThoughTheRulesStay() {
        for (version = 2; version <= 4; version++) {
            take(100 + version, new Command.ListMembers(LOBBY, A1, EAST, 9));
            restart();
            assertThat(shard.rules()).isEqualTo(version);
        }
        version = 1;
        take(200, new Command.ListMembers(LOBBY, A1, EAST, 9));
        assertThat(shard.rules()).isEqualTo(4);
    }

    @Test
    void aJoinLearnsSinceWhenOverEpochsHeldNoMessage() {
        assertThat(joined(take(100, join(LOBBY, ANN, A1, EAST))).emptySince()).isEqualTo(100);
        take(200, leave(LOBBY, A1, EAST));
        restart();

        assertThat(joined(take(300, join(LOBBY, ANN, A1, EAST))).emptySince()).isEqualTo(100);
    }

    @Test
    void thePresenceOfALaterRoomGoesOnAfterTheVersionsOfTheEarlier() {
        take(100, join(LOBBY, ANN, A1, EAST), join(LOBBY, BOB, B1, EAST), leave(LOBBY, B1, EAST));
        take(100, leave(LOBBY, A1, EAST));
        restart();

        assertThat(joined(take(200, join(LOBBY, ANN, A1, EAST))).version()).isEqualTo(5);
        assertThat(joined(take(200, join(LOBBY, BOB, B1, EAST))).version()).isEqualTo(6);
    }

    @Test
    void aShardThatBeginsAnewKnowsOfNoEpochBefore() {
        take(100, join(LOBBY, ANN, A1, EAST));
        take(900, join(new RoomId("default", "later"), ANN, A1, EAST));
        shard.takeChanges().forEach(topic::append);
        var past = Shard.restore(3, topic.read());
        var emptySuccessor = past.emptySuccessor();
        past.gone().forEach(topic::append);
        emptySuccessor.takeChanges().forEach(topic::append);
        assertThat(topic.latest()).containsOnlyKeys("shard");
        shard = Shard.restore(3, topic.read());

        var again = joined(take(500, join(LOBBY, ANN, A1, EAST))); // the broker's clock went back
        assertThat(again.epoch()).isEqualTo(901);
        assertThat(again.emptySince()).isEqualTo(500);
    }

    @Test
    void aShardThatBeginsAnewByTheFirstRulesDecidesAsItsNextOwnerWould() {
        version = 1;
        take(900, join(LOBBY, ANN, A1, EAST), join(LOBBY, BOB, B1, EAST));
        shard = shard.emptySuccessor();
        assertThat(shard.takeChanges()).isEmpty();
        var next = Shard.restore(3, Stream.of());
        offset++;

        var join = new CommandBatch(2, List.of(join(LOBBY, ANN, A2, WEST))); // the broker's clock went back
        assertThat(shard.take(offset, 500, join)).isEqualTo(next.take(offset, 500, join));
    }

    /** Restores the shard, as the next router does. */
    private void restart() {
        shard.takeChanges().forEach(topic::append);
        shard = Shard.restore(3, topic.read());
    }

    private List<Output> take(long ts, Command... commands) {
        offset++;
        return shard.take(offset, ts, new CommandBatch(version, List.of(commands)));
    }

    static Delivery.Joined joined(List<Output> outputs) {
        for (var output : outputs) {
            if (output instanceof Output.Push(_, _, Delivery.Joined joined)) return joined;
        }
        throw new AssertionError("nobody joined: " + outputs);
    }

    private static Command join(RoomId room, UserId user, ConnectionId connection, EdgeRef edge) {
        return new Command.Join(room, user, connection, edge, 7);
    }

    private static Command leave(RoomId room, ConnectionId connection, EdgeRef edge) {
        return new Command.Leave(room, connection, edge);
    }
}
