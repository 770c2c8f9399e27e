package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** An unused room is forgotten, and begins a new epoch when it is used again. */
class ForgettingTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");
    private static final UserId BOB = new UserId("default", "bob");
    private static final RoomId BOBS = RoomId.personal(BOB);
    private static final ConnectionId A1 = new ConnectionId("a1");
    private static final ConnectionId B1 = new ConnectionId("b1");
    private static final EdgeRef EAST = new EdgeRef("east", 1, 0);
    private static final Duration MONTH = Duration.ofDays(30);
    private static final long DAY_MS = Duration.ofDays(1).toMillis();

    private final TestStateTopic topic = new TestStateTopic();
    private Shard shard = new Shard(3);
    private long offset;

    @Test
    void anUnusedRoomIsForgottenWithItsCursorsAndPosts() {
        apply(0, join(LOBBY, ANN, A1), post(LOBBY, "x", null), new Command.Acknowledge(LOBBY, ANN, A1, EAST, null, 1));
        apply(DAY_MS, leave(LOBBY, A1));
        restart();
        assertThat(shard.forgettable(MONTH, 31 * DAY_MS - 1)).isEmpty();
        assertThat(shard.forgettable(MONTH, 31 * DAY_MS))
                .containsExactly(new Command.Forget(LOBBY, 1, 1, MONTH.toMillis()));

        forgetUnusedRooms(31 * DAY_MS);

        restart();
        assertThat(topic.latest()).containsOnlyKeys("shard");
        var joinedAgain = joined(apply(32 * DAY_MS, join(LOBBY, ANN, A1)));
        assertThat(joinedAgain.epoch()).isEqualTo(32 * DAY_MS);
        assertThat(joinedAgain.seq()).isZero();
        assertThat(joinedAgain.cursor()).isNull();
        assertThat(apply(32 * DAY_MS, post(LOBBY, "x", null)))
                .anyMatch(output -> output instanceof Output.Push(_, _, Delivery.Acked acked) && acked.seq() == 1
                        && !acked.duplicate());
    }

    @Test
    void aRoomThatWasUsedMeanwhileIsNotForgotten() {
        apply(0, post(LOBBY, null, null));
        var forget = new Command.Forget(LOBBY, 1, 1, MONTH.toMillis());

        apply(30 * DAY_MS - 1, forget);
        assertThat(joined(apply(30 * DAY_MS - 1, join(LOBBY, ANN, A1))).seq()).isEqualTo(1);
        apply(90 * DAY_MS, forget); // the room has a member
        apply(90 * DAY_MS, leave(LOBBY, A1), post(LOBBY, null, null));
        apply(190 * DAY_MS, forget); // another message came
        apply(190 * DAY_MS, new Command.Forget(LOBBY, 2, 2, MONTH.toMillis())); // for another epoch

        assertThat(joined(apply(190 * DAY_MS, join(LOBBY, ANN, A1))).seq()).isEqualTo(2);
    }

    @Test
    void aRoomWithAnUnconfirmedMessageIsKept() {
        apply(0, post(BOBS, "x", Command.MAX_CONFIRM_MS));
        assertThat(shard.forgettable(Duration.ofDays(7), 29 * DAY_MS)).isEmpty();
        apply(29 * DAY_MS, new Command.Forget(BOBS, 1, 1, 7 * DAY_MS));
        assertThat(apply(30 * DAY_MS, new Command.Expire(BOBS, 1, 1))).hasSize(3);

        assertThat(shard.forgettable(Duration.ofDays(7), 30 * DAY_MS)).hasSize(1);
        forgetUnusedRooms(30 * DAY_MS);

        assertThat(joined(apply(30 * DAY_MS, join(BOBS, BOB, B1))).epoch()).isEqualTo(30 * DAY_MS);
    }

    @Test
    void emptySinceMovesPastTheEpochOfAForgottenRoom() {
        apply(100, post(LOBBY, null, null));
        apply(200, join(BOBS, BOB, B1));
        var monthLater = 31 * DAY_MS;
        assertThat(joined(apply(300, join(LOBBY, ANN, A1))).emptySince()).isEqualTo(100);
        apply(300, leave(LOBBY, A1), leave(BOBS, B1));
        apply(5 * DAY_MS, post(BOBS, null, null));
        forgetUnusedRooms(monthLater);

        assertThat(joined(apply(monthLater, join(LOBBY, ANN, A1))).emptySince()).isEqualTo(100);
        forgetUnusedRooms(40 * DAY_MS);
        assertThat(joined(apply(40 * DAY_MS, join(BOBS, BOB, B1))).emptySince()).isEqualTo(5 * DAY_MS);
    }

    @Test
    void allUnusedRoomsAreFoundInSmallBatches() {
        for (var n = 0; n < 20_000; n++) apply(n, post(new RoomId("default", "room" + n), null, null));
        var found = new HashSet<Command>();
        var rounds = 0;
        while (found.size() < 20_000 && ++rounds < 200) {
            var batch = shard.forgettable(MONTH, 40 * DAY_MS);
            assertThat(batch).hasSizeLessThanOrEqualTo(500);
            found.addAll(batch);
            apply(40 * DAY_MS, batch.toArray(Command[]::new));
        }

        assertThat(found).hasSize(20_000);
        restart();
        assertThat(topic.latest()).containsOnlyKeys("shard");
    }

    @Test
    void emptyRoomsOfEarlierRulesAreFoundAndRemoved() {
        offset++;
        for (var n = 0; n < 10; n++) {
            shard.apply(offset, 100, new CommandBatch(1, List.of(join(new RoomId("default", "r" + n), ANN, A1),
                    leave(new RoomId("default", "r" + n), A1))));
        }
        shard.apply(offset, 100, new CommandBatch(1, List.of(post(LOBBY, null, null))));
        assertThat(shard.forgettable(MONTH, 300 * DAY_MS)).isEmpty();
        apply(DAY_MS, leave(LOBBY, A1)); // a new edge

        assertThat(shard.forgettable(MONTH, 2 * DAY_MS)).hasSize(10);
        forgetUnusedRooms(2 * DAY_MS);
        restart();
        assertThat(topic.latest()).containsOnlyKeys("shard", "room:default/lobby");
        assertThat(shard.forgettable(MONTH, 31 * DAY_MS - 1)).isEmpty();
        assertThat(shard.forgettable(MONTH, 31 * DAY_MS)).hasSize(1);
    }

    @Test
    void aRoomWithVeryManyCursorsIsForgotten() {
        apply(0, post(LOBBY, null, null));
        for (var n = 0; n < 1_000; n++)
            apply(1, new Command.Acknowledge(LOBBY, new UserId("default", "user" + n), A1, EAST, null, 1));
        restart();
        assertThat(topic.latest()).hasSize(1_002);

        forgetUnusedRooms(31 * DAY_MS);
        restart();

        assertThat(topic.latest()).containsOnlyKeys("shard");
    }

    @Test
    void aForgottenRoomNeverReusesAnEpoch() {
        apply(31 * DAY_MS, post(LOBBY, null, null));
        forgetUnusedRooms(61 * DAY_MS);

        assertThat(apply(5, post(LOBBY, null, null))) // the broker's clock went far back
                .anyMatch(output -> output instanceof Output.Fact(_, Event.MessagePosted posted)
                        && posted.epoch() == 31 * DAY_MS + 1 && posted.seq() == 1);
    }

    @Test
    void noRoomIsForgottenBeforeItsPostIds() {
        assertThatThrownBy(() -> new Command.Forget(LOBBY, 1, 1, DAY_MS - 1))
                .isInstanceOf(IllegalArgumentException.class);
    }

    private void forgetUnusedRooms(long ts) {
        apply(ts, shard.forgettable(Duration.ofDays(30), ts).toArray(Command[]::new));
    }

    private void restart() {
        shard.takeChanges().forEach(topic::append);
        shard = Shard.restore(3, topic.read());
    }

    private List<Output> apply(long ts, Command... commands) {
        offset++;
        return shard.apply(offset, ts, new CommandBatch(2, List.of(commands)));
    }

    private static Delivery.Joined joined(List<Output> outputs) {
        return EmptyRoomRemovalTest.joined(outputs);
    }

    private static Command join(RoomId room, UserId user, ConnectionId connection) {
        return new Command.Join(room, user, connection, EAST, 7);
    }

    private static Command leave(RoomId room, ConnectionId connection) {
        return new Command.Leave(room, connection, EAST);
    }

    private static Command post(RoomId room, @Nullable String id, @Nullable Long confirmWithinMs) {
        return new Command.Post(room, ANN, A1, EAST, id, Content.text("hi"), confirmWithinMs);
    }
}
