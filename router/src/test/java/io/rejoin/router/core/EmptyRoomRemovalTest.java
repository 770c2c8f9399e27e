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

/** From the first record of a new edge on, a room that never held a message is removed when its last member leaves. */
class EmptyRoomRemovalTest {
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
    void aRoomThatIsCreatedAgainHasALaterEpoch() {
        var epochs = new ArrayList<Long>();
        for (var n = 0; n < 4; n++) {
            epochs.add(joined(apply(100, join(LOBBY, ANN, A1, EAST))).epoch());
            apply(100, leave(LOBBY, A1, EAST));
            if (n == 1) restart();
        }

        assertThat(epochs).containsExactly(100L, 101L, 102L, 103L);
    }

    @Test
    void aRemovedRoomLeavesNothingInTheState() {
        apply(100, join(new RoomId("default", "other"), BOB, B1, EAST));
        restart();
        var before = topic.latest().keySet();
        for (var n = 0; n < 500; n++) {
            apply(200 + n, join(new RoomId("default", "r" + n), ANN, A1, EAST));
            if (n % 3 == 0) restart();
            apply(200 + n, leave(new RoomId("default", "r" + n), A1, EAST));
        }
        restart();

        assertThat(topic.latest().keySet()).isEqualTo(before);
    }

    @Test
    void aRoomBetweenTwoCheckpointsIsNotWritten() {
        apply(100, join(LOBBY, ANN, A1, EAST), leave(LOBBY, A1, EAST));

        assertThat(shard.takeChanges()).allMatch(StateEntry.OfShard.class::isInstance);
    }

    @Test
    void aRoomWithAMessageOrAMemberStays() {
        apply(100, join(LOBBY, ANN, A1, EAST), join(LOBBY, ANN, A2, WEST), leave(LOBBY, A1, EAST));
        assertThat(joined(apply(200, join(LOBBY, BOB, B1, EAST))).epoch()).isEqualTo(100);
        apply(300, new Command.Post(LOBBY, ANN, A2, WEST, "x", Content.text("hi")));
        apply(400, leave(LOBBY, A2, WEST), leave(LOBBY, B1, EAST));
        restart();

        var joinedAgain = joined(apply(500, join(LOBBY, BOB, B1, EAST)));
        assertThat(joinedAgain.epoch()).isEqualTo(100);
        assertThat(joinedAgain.seq()).isEqualTo(1);
        assertThat(joinedAgain.version()).isEqualTo(5);
    }

    @Test
    void aRoomIsRemovedWhenItsEdgeIsLost() {
        apply(100, join(LOBBY, ANN, A1, EAST));

        assertThat(apply(200, new Command.EdgeLost("east", 1)))
                .anyMatch(output -> output instanceof Output.Fact(_, Event.MemberLeft left) && left.epoch() == 100);
        assertThat(joined(apply(300, join(LOBBY, BOB, B1, WEST))).epoch()).isEqualTo(300);
        assertThat(shard.edges()).containsExactly(WEST);
    }

    @Test
    void aPostWithoutMembersCreatesARoomThatStays() {
        apply(100, new Command.Post(LOBBY, ANN, A1, EAST, null, Content.text("hi")));

        assertThat(joined(apply(200, join(LOBBY, BOB, B1, EAST))).epoch()).isEqualTo(100);
    }

    @Test
    void aRefusedPostStaysRefusedInTheNextEpoch() {
        apply(100, join(LOBBY, ANN, A1, EAST));
        IntStream.rangeClosed(0, Command.MAX_RECIPIENTS).forEach(
                n -> apply(100, join(LOBBY, new UserId("default", "u" + n), new ConnectionId("c" + n), WEST)));
        var post = new Command.Post(LOBBY, ANN, A1, EAST, "x", Content.text("hi"), 1_000L);
        assertThat(apply(200, post)).hasSize(1);
        apply(300, new Command.EdgeLost("west", 1), leave(LOBBY, A1, EAST));
        restart();
        assertThat(joined(apply(400, join(LOBBY, ANN, A1, EAST))).epoch()).isEqualTo(400);

        assertThat(apply(500, post)).containsExactly(new Output.Push(new Source(3, offset, 0), EAST,
                new Delivery.Refused(LOBBY, A1, "x", Delivery.Refusal.TOO_MANY_RECIPIENTS)));
        assertThat(apply(500, new Command.Expire(LOBBY, 100, 1))).isEmpty();
    }

    @Test
    void withVersion1NoRoomIsRemoved() {
        version = 1;
        apply(100, join(LOBBY, ANN, A1, EAST), leave(LOBBY, A1, EAST));
        restart();
        assertThat(shard.rules()).isEqualTo(1);
        assertThat(topic.latest()).containsOnlyKeys("room:default/lobby");
        assertThat(topic.latest()).containsEntry("room:default/lobby",
                "{\"epoch\":100,\"seq\":0,\"version\":2}");
        var joinedAgain = joined(apply(200, join(LOBBY, ANN, A1, EAST)));
        assertThat(joinedAgain.epoch()).isEqualTo(100);
        assertThat(joinedAgain.emptySince()).isNull();

        version = 2;
        apply(300, new Command.ListMembers(LOBBY, A1, EAST, 9));
        version = 1; // old and new edges append at the same time
        apply(400, leave(LOBBY, A1, EAST));

        assertThat(joined(apply(500, join(LOBBY, ANN, A1, EAST))).epoch()).isEqualTo(500);
        restart();
        assertThat(shard.rules()).isEqualTo(2);
    }

    /** The version tells a router that cannot read such records to leave the shard alone. */
    @Test
    void theHighestRecordVersionIsRemembered() {
        for (version = 2; version <= 4; version++) {
            apply(100 + version, new Command.ListMembers(LOBBY, A1, EAST, 9));
            restart();
            assertThat(shard.rules()).isEqualTo(version);
        }
        version = 1;
        apply(200, new Command.ListMembers(LOBBY, A1, EAST, 9));
        assertThat(shard.rules()).isEqualTo(4);
    }

    @Test
    void aJoinGetsEmptySince() {
        assertThat(joined(apply(100, join(LOBBY, ANN, A1, EAST))).emptySince()).isEqualTo(100);
        apply(200, leave(LOBBY, A1, EAST));
        restart();

        assertThat(joined(apply(300, join(LOBBY, ANN, A1, EAST))).emptySince()).isEqualTo(100);
    }

    @Test
    void thePresenceVersionOfALaterRoomContinuesAfterTheEarlierOne() {
        apply(100, join(LOBBY, ANN, A1, EAST), join(LOBBY, BOB, B1, EAST), leave(LOBBY, B1, EAST));
        apply(100, leave(LOBBY, A1, EAST));
        restart();

        assertThat(joined(apply(200, join(LOBBY, ANN, A1, EAST))).version()).isEqualTo(5);
        assertThat(joined(apply(200, join(LOBBY, BOB, B1, EAST))).version()).isEqualTo(6);
    }

    @Test
    void anEmptySuccessorKnowsNoEarlierEmptyEpoch() {
        apply(100, join(LOBBY, ANN, A1, EAST));
        apply(900, join(new RoomId("default", "later"), ANN, A1, EAST));
        shard.takeChanges().forEach(topic::append);
        var past = Shard.restore(3, topic.read());
        var emptySuccessor = past.emptySuccessor();
        past.deletions().forEach(topic::append);
        emptySuccessor.takeChanges().forEach(topic::append);
        assertThat(topic.latest()).containsOnlyKeys("shard");
        shard = Shard.restore(3, topic.read());

        var joinedAgain = joined(apply(500, join(LOBBY, ANN, A1, EAST))); // the broker's clock went back
        assertThat(joinedAgain.epoch()).isEqualTo(901);
        assertThat(joinedAgain.emptySince()).isEqualTo(500);
    }

    @Test
    void anEmptySuccessorWithVersion1DecidesAsANewShard() {
        version = 1;
        apply(900, join(LOBBY, ANN, A1, EAST), join(LOBBY, BOB, B1, EAST));
        shard = shard.emptySuccessor();
        assertThat(shard.takeChanges()).isEmpty();
        var next = Shard.restore(3, Stream.of());
        offset++;

        var join = new CommandBatch(2, List.of(join(LOBBY, ANN, A2, WEST))); // the broker's clock went back
        assertThat(shard.apply(offset, 500, join)).isEqualTo(next.apply(offset, 500, join));
    }

    /** Restores the shard, as the next router does. */
    private void restart() {
        shard.takeChanges().forEach(topic::append);
        shard = Shard.restore(3, topic.read());
    }

    private List<Output> apply(long ts, Command... commands) {
        offset++;
        return shard.apply(offset, ts, new CommandBatch(version, List.of(commands)));
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
