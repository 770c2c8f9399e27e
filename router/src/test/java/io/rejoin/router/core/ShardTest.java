package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;
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
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ShardTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");
    private static final UserId BOB = new UserId("default", "bob");
    private static final ConnectionId A1 = new ConnectionId("a1");
    private static final ConnectionId A2 = new ConnectionId("a2");
    private static final ConnectionId B1 = new ConnectionId("b1");
    private static final EdgeRef EAST = new EdgeRef("east", 1, 0);
    private static final EdgeRef EAST_2 = new EdgeRef("east", 2, 0);
    private static final EdgeRef WEST = new EdgeRef("west", 1, 1);
    private static final Content HI = Content.text("hi");

    private final Shard shard = new Shard(3);
    private long offset;

    @Test
    void theFirstJoinCreatesTheRoomWithTheEpochOfItsLogTime() {
        assertThat(apply(100, join(ANN, A1, EAST))).containsExactly(
                new Output.Push(source(0), EAST, new Delivery.Joined(LOBBY, A1, 7, 100, 0, List.of(ANN), 1, 1, null)),
                new Output.Fact(source(1), new Event.MemberJoined(LOBBY, 100, ANN, 1, 1, 100)),
                new Output.Push(source(2), EAST, new Delivery.Presence(LOBBY, Delivery.Action.JOIN, ANN, 1, 1)));
    }

    @Test
    void aMessageIsPushedOnceToEachEdgeAndAckedToThePoster() {
        apply(100, join(ANN, A1, EAST), join(ANN, A2, EAST), join(BOB, B1, WEST));

        assertThat(apply(200, post(ANN, A1, EAST, "x"))).containsExactly(
                new Output.Fact(source(0), new Event.MessagePosted(LOBBY, 100, 1, ANN, "x", HI, 200)),
                new Output.Push(source(1), EAST, new Delivery.Message(LOBBY, 100, 1, ANN, "x", HI, 200)),
                new Output.Push(source(2), WEST, new Delivery.Message(LOBBY, 100, 1, ANN, "x", HI, 200)),
                new Output.Push(source(3), EAST, new Delivery.Acked(LOBBY, A1, "x", 1, 200, false)));
    }

    @Test
    void aDuplicatePostIsAckedWithTheFirstSeqThroughAnyEdge() {
        apply(100, post(ANN, A1, EAST, "x"), post(BOB, B1, EAST, "x"));

        assertThat(apply(200, post(ANN, A2, WEST, "x"))).containsExactly(
                new Output.Push(source(0), WEST, new Delivery.Acked(LOBBY, A2, "x", 1, 100, true)));
        assertThat(apply(300, post(ANN, A1, EAST, null))).containsExactly(
                new Output.Fact(source(0), new Event.MessagePosted(LOBBY, 100, 3, ANN, null, HI, 300)));
    }

    @Test
    void otherContentUnderTheSameIdIsRefused() {
        apply(100, post(ANN, "x", 7L));

        var conflict = new Delivery.Refused(LOBBY, A1, "x", Delivery.Refusal.ID_CONFLICT);
        assertThat(apply(200, post(ANN, "x", 8L))).containsExactly(new Output.Push(source(0), EAST, conflict));
        assertThat(apply(300, post(ANN, "x", 7L))).containsExactly(
                new Output.Push(source(0), EAST, new Delivery.Acked(LOBBY, A1, "x", 1, 100, true)));
        var restored = Shard.restore(3, shard.takeChanges().stream()
                .map(entry -> StateCodec.entry(StateCodec.key(entry).getBytes(UTF_8),
                        Objects.requireNonNull(StateCodec.value(entry)))));
        assertThat(restored.apply(9, 400, new CommandBatch(1, List.of(post(ANN, "x", 8L)))))
                .containsExactly(new Output.Push(new Source(3, 9, 0), EAST, conflict));
    }

    @Test
    void anIdIsUniqueOnlyPerRoomAndUser() {
        apply(100, post(ANN, "x", 7L));

        assertThat(apply(200, post(BOB, "x", 8L))).hasSize(2);
        assertThat(apply(300, new Command.Post(new RoomId("default", "hall"), ANN, A1, EAST, "x", HI, null, 8L)))
                .hasSize(2);
    }

    @Test
    void aPostOfAnEdgeWithoutDigestsNeverConflicts() {
        apply(100, post(ANN, A1, EAST, "old"), post(ANN, "new", 7L));

        assertThat(apply(200, post(ANN, "old", 8L))).containsExactly(
                new Output.Push(source(0), EAST, new Delivery.Acked(LOBBY, A1, "old", 1, 100, true)));
        assertThat(apply(300, post(ANN, A1, EAST, "new"))).containsExactly(
                new Output.Push(source(0), EAST, new Delivery.Acked(LOBBY, A1, "new", 2, 100, true)));
    }

    @Test
    void aUserJoinsWithTheFirstConnectionAndLeavesWithTheLast() {
        apply(100, join(ANN, A1, EAST));

        assertThat(apply(200, join(ANN, A2, WEST))).containsExactly(
                new Output.Push(source(0), WEST, new Delivery.Joined(LOBBY, A2, 7, 100, 0, List.of(ANN), 1, 1, null)));
        assertThat(apply(300, new Command.Leave(LOBBY, A1, EAST))).isEmpty();
        assertThat(apply(400, new Command.Leave(LOBBY, A1, EAST))).isEmpty();
        assertThat(apply(500, new Command.Leave(LOBBY, A2, WEST))).containsExactly(
                new Output.Fact(source(0), new Event.MemberLeft(LOBBY, 100, ANN, 0, 2, 500)));
        assertThat(shard.edges()).isEmpty();
    }

    @Test
    void theMembersOfALostEdgeLeaveAndItsLateCommandsAreIgnored() {
        apply(100, join(ANN, A1, EAST), join(BOB, B1, WEST));

        assertThat(apply(200, new Command.EdgeLost("east", 1))).containsExactly(
                new Output.Fact(source(0), new Event.MemberLeft(LOBBY, 100, ANN, 1, 3, 200)),
                new Output.Push(source(1), WEST, new Delivery.Presence(LOBBY, Delivery.Action.LEAVE, ANN, 1, 3)),
                new Output.Push(source(2), EAST, new Delivery.GivenUp(1)));
        assertThat(apply(300, new Command.EdgeLost("east", 1))).isEmpty();
        assertThat(apply(400, join(ANN, A1, EAST)))
                .containsExactly(new Output.Push(source(0), EAST, new Delivery.GivenUp(1)));
        assertThat(apply(500, join(ANN, A1, EAST_2))).contains(
                new Output.Fact(source(1), new Event.MemberJoined(LOBBY, 100, ANN, 2, 4, 500)));
        assertThat(apply(600, new Command.Leave(LOBBY, A1, EAST))).isEmpty();
        assertThat(shard.edges()).containsExactly(EAST_2, WEST);
    }

    @Test
    void aMemberOfANewIncarnationIsNotLostWithTheOldOne() {
        apply(100, join(ANN, A1, EAST));

        assertThat(apply(200, join(ANN, A1, EAST_2))).hasSize(1);
        assertThat(shard.edges()).containsExactly(EAST_2);
        assertThat(apply(300, new Command.EdgeLost("east", 1))).isEmpty();
    }

    @Test
    void listingMembersDoesNotCreateTheRoom() {
        assertThat(apply(100, new Command.ListMembers(LOBBY, A1, EAST, 9))).containsExactly(
                new Output.Push(source(0), EAST, new Delivery.MemberList(LOBBY, A1, 9, List.of(), 0, 0)));
        assertThat(shard.takeChanges()).isEmpty();
    }

    @Test
    void postIdsAreForgottenAfterADayInWholeChunks() {
        apply(0, post(ANN, A1, EAST, "old"));
        for (var i = 1; i < DuplicateWindow.CHUNK_POSTS; i++) apply(0, post(ANN, A1, EAST, "old" + i));
        apply(DuplicateWindow.AGE_MS, post(ANN, A1, EAST, "day"));
        assertThat(apply(DuplicateWindow.AGE_MS, post(ANN, A1, EAST, "old"))).hasSize(1);

        apply(DuplicateWindow.AGE_MS + 1, post(ANN, A1, EAST, "later"));

        assertThat(apply(DuplicateWindow.AGE_MS + 1, post(ANN, A1, EAST, "old"))).hasSize(2);
        assertThat(apply(DuplicateWindow.AGE_MS + 1, post(ANN, A1, EAST, "day"))).hasSize(1);
    }

    private List<Output> apply(long ts, Command... commands) {
        offset++;
        return shard.apply(offset, ts, new CommandBatch(1, List.of(commands)));
    }

    private Source source(int index) {
        return new Source(3, offset, index);
    }

    private static Command join(UserId user, ConnectionId connection, EdgeRef edge) {
        return new Command.Join(LOBBY, user, connection, edge, 7);
    }

    private static Command post(UserId user, String id, long digest) {
        return new Command.Post(LOBBY, user, A1, EAST, id, HI, null, digest);
    }

    private static Command post(UserId user, ConnectionId connection, EdgeRef edge, @Nullable String id) {
        return new Command.Post(LOBBY, user, connection, edge, id, HI);
    }
}
