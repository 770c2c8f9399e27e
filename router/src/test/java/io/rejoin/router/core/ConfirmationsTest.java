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
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class ConfirmationsTest {
    private static final UserId ANN = new UserId("default", "ann");
    private static final UserId BOB = new UserId("default", "bob");
    private static final UserId CAT = new UserId("default", "cat");
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final RoomId BOBS = RoomId.personal(BOB);
    private static final ConnectionId A1 = new ConnectionId("a1");
    private static final ConnectionId B1 = new ConnectionId("b1");
    private static final ConnectionId B2 = new ConnectionId("b2");
    private static final ConnectionId B3 = new ConnectionId("b3");
    private static final EdgeRef EAST = new EdgeRef("east", 1, 0);
    private static final EdgeRef WEST = new EdgeRef("west", 1, 1);
    private static final Content HI = Content.text("hi");
    private static final RedeliverySchedule SCHEDULE = new RedeliverySchedule(Duration.ofSeconds(5));

    private final Shard shard = new Shard(3);
    private long offset;

    @Test
    void otherConnectionsLearnOfAnAcknowledgement() {
        apply(100, join(BOBS, BOB, B1, EAST), join(BOBS, BOB, B2, EAST), join(BOBS, BOB, B3, WEST));
        apply(200, personalPost("x"));

        assertThat(apply(300, ack(BOBS, BOB, B1, 1))).containsExactly(
                new Output.Fact(source(0), new Event.CursorMoved(BOBS, 100, BOB, 1, 300)),
                new Output.Push(source(1), EAST, new Delivery.Cursor(BOBS, BOB, 100, 1, B1)),
                new Output.Push(source(2), WEST, new Delivery.Cursor(BOBS, BOB, 100, 1, B1)),
                new Output.Push(source(3), EAST, new Delivery.Confirmed(BOBS, A1, 1, "x", BOB)));
        assertThat(apply(400, join(BOBS, BOB, new ConnectionId("b4"), WEST)).getFirst())
                .isEqualTo(new Output.Push(source(0), WEST, new Delivery.Joined(BOBS, new ConnectionId("b4"), 7, 100, 1,
                        List.of(BOB), 1, 1, 1L)));
    }

    @Test
    void aCursorOnlyMovesForwardWithinItsEpoch() {
        apply(100, join(LOBBY, BOB, B1, EAST), post(LOBBY, null), post(LOBBY, null));

        assertThat(apply(200, new Command.Acknowledge(LOBBY, BOB, B1, EAST, 99L, 2))).isEmpty();
        assertThat(apply(200, new Command.Acknowledge(LOBBY, BOB, B1, EAST, 100L, 1))).hasSize(1);
        assertThat(apply(200, ack(LOBBY, BOB, B1, 1))).isEmpty();
        assertThat(apply(300, ack(LOBBY, BOB, B1, 7))).containsExactly(
                new Output.Fact(source(0), new Event.CursorMoved(LOBBY, 100, BOB, 2, 300)));
        assertThat(apply(400, ack(new RoomId("default", "nowhere"), BOB, B1, 7))).isEmpty();
    }

    @Test
    void allMembersExceptThePosterMustConfirm() {
        apply(100, join(LOBBY, ANN, A1, EAST), join(LOBBY, BOB, B1, EAST), join(LOBBY, CAT, B2, WEST));
        apply(200, post(LOBBY, 60_000L), post(LOBBY, null));

        assertThat(apply(300, ack(LOBBY, ANN, A1, 2))).hasSize(1);
        assertThat(apply(400, ack(LOBBY, BOB, B1, 2)).getLast())
                .isEqualTo(new Output.Push(source(1), EAST, new Delivery.Confirmed(LOBBY, A1, 1, null, BOB)));
        assertThat(shard.due(SCHEDULE, 5_199, 5_200).redeliveries()).containsExactly(new Output.Push(
                new Source(3, 2, 0), WEST, new Delivery.Redeliver(LOBBY, 100, 1, CAT)));
        apply(500, ack(LOBBY, CAT, B2, 1));
        assertThat(shard.due(SCHEDULE, 5_199, 5_200)).isEqualTo(new Due(List.of(), List.of()));
    }

    @Test
    void anUnconfirmedMessageExpiresByLogTime() {
        apply(100, join(BOBS, BOB, B1, EAST));
        apply(200, personalPost("x"));

        assertThat(shard.due(SCHEDULE, 0, 60_199).expiries()).isEmpty();
        assertThat(shard.due(SCHEDULE, 0, 60_200).expiries()).containsExactly(new Command.Expire(BOBS, 100, 1));
        assertThat(apply(60_199, new Command.Expire(BOBS, 100, 1))).isEmpty();
        assertThat(apply(60_200, new Command.Expire(BOBS, 99, 1))).isEmpty();
        var event = new Event.ConfirmationExpired(BOBS, 100, 1, ANN, "x", List.of(BOB), 60_200);
        assertThat(apply(60_200, new Command.Expire(BOBS, 100, 1))).containsExactly(
                new Output.Fact(source(0), event),
                new Output.DeadLetter(source(1), event, 2, "not acknowledged in time"),
                new Output.Push(source(2), EAST, new Delivery.Expired(BOBS, A1, 1, "x", List.of(BOB))));
        assertThat(apply(60_300, new Command.Expire(BOBS, 100, 1))).isEmpty();
        assertThat(apply(60_400, ack(BOBS, BOB, B1, 1))).hasSize(1);
    }

    @Test
    void aUserWithoutAConnectionGetsNoRedelivery() {
        apply(200, personalPost("x"));

        assertThat(shard.due(SCHEDULE, 0, 60_000).redeliveries()).isEmpty();
        assertThat(apply(300, join(BOBS, BOB, B1, EAST)).getFirst()).isEqualTo(new Output.Push(source(0), EAST,
                new Delivery.Joined(BOBS, B1, 7, 200, 1, List.of(BOB), 1, 1, null)));
        assertThat(shard.due(SCHEDULE, 0, 60_000).redeliveries()).hasSize(1);
    }

    @Test
    void anAcknowledgementWithARequestIsAnsweredWithTheCursor() {
        apply(100, join(LOBBY, BOB, B1, EAST), post(LOBBY, null), post(LOBBY, null));

        // limited to the last message
        assertThat(apply(200, acknowledgeWithRequest(null, 99))).endsWith(acknowledged(1, 2));
        // the cursor never moves back
        assertThat(apply(300, acknowledgeWithRequest(null, 1))).containsExactly(acknowledged(0, 2));
        assertThat(apply(400, acknowledgeWithRequest(7L, 1))).containsExactly(acknowledged(0, 2)); // another epoch
        assertThat(apply(500, new Command.Acknowledge(new RoomId("default", "nowhere"), BOB, B1, EAST, null, 1, 9L)))
                .containsExactly(new Output.Push(source(0), EAST,
                        new Delivery.Acknowledged(new RoomId("default", "nowhere"), B1, 9, 0, 0)));
    }

    private static Command acknowledgeWithRequest(@Nullable Long epoch, long seq) {
        return new Command.Acknowledge(LOBBY, BOB, B1, EAST, epoch, seq, 9L);
    }

    private Output acknowledged(int index, long seq) {
        return new Output.Push(source(index), EAST, new Delivery.Acknowledged(LOBBY, B1, 9, 100, seq));
    }

    @Test
    void aPostWithTooManyRecipientsIsRefused() {
        apply(100, join(LOBBY, ANN, A1, EAST));
        IntStream.rangeClosed(1, Command.MAX_RECIPIENTS + 1).forEach(
                n -> apply(100, join(LOBBY, new UserId("default", "u" + n), new ConnectionId("c" + n), WEST)));

        assertThat(apply(200, post(LOBBY, 1_000L))).containsExactly(new Output.Push(source(0), EAST,
                new Delivery.Refused(LOBBY, A1, null, Delivery.Refusal.TOO_MANY_RECIPIENTS)));
        assertThat(apply(300, post(LOBBY, null)).getFirst()).isEqualTo(
                new Output.Fact(source(0), new Event.MessagePosted(LOBBY, 100, 1, ANN, null, HI, 300)));
    }

    @Test
    void aCopyOfARefusedPostIsRefusedAgain() {
        apply(100, join(LOBBY, ANN, A1, EAST));
        IntStream.rangeClosed(1, Command.MAX_RECIPIENTS + 1).forEach(
                n -> apply(100, join(LOBBY, new UserId("default", "u" + n), new ConnectionId("c" + n), WEST)));
        var post = new Command.Post(LOBBY, ANN, A1, EAST, "x1", HI, 1_000L);
        var refused = new Delivery.Refused(LOBBY, A1, "x1", Delivery.Refusal.TOO_MANY_RECIPIENTS);
        assertThat(apply(200, post)).containsExactly(new Output.Push(source(0), EAST, refused));
        apply(300, new Command.EdgeLost(WEST.edge(), WEST.incarnation()));

        assertThat(apply(400, post)).containsExactly(new Output.Push(source(0), EAST, refused));
        var restored = Shard.restore(3, shard.takeChanges().stream());
        assertThat(restored.apply(offset, 500, new CommandBatch(1, List.of(post))))
                .containsExactly(new Output.Push(new Source(3, offset, 0),
                        EAST, refused));
    }

    @Test
    void whenTooManyMessagesWaitTheOldestExpires() {
        for (var n = 0; n < Unconfirmed.MAX_PER_ROOM; n++) assertThat(apply(100, personalPost("x" + n))).hasSize(2);

        assertThat(apply(200, personalPost("more"))).contains(new Output.Fact(source(2),
                new Event.ConfirmationExpired(BOBS, 100, 1, ANN, "x0", List.of(BOB), 200)));
    }

    @Test
    void inAPersonalRoomJoinsAndLeavesAreEventsWithoutPresence() {
        apply(100, join(BOBS, BOB, B1, EAST));
        apply(200, join(BOBS, BOB, B2, WEST), new Command.Leave(BOBS, B2, WEST));

        assertThat(apply(300, new Command.Leave(BOBS, B1, EAST))).containsExactly(
                new Output.Fact(source(0), new Event.MemberLeft(BOBS, 100, BOB, 0, 2, 300)));
    }

    private List<Output> apply(long ts, Command... commands) {
        offset++;
        return shard.apply(offset, ts, new CommandBatch(1, List.of(commands)));
    }

    private Source source(int index) {
        return new Source(3, offset, index);
    }

    private static Command join(RoomId room, UserId user, ConnectionId connection, EdgeRef edge) {
        return new Command.Join(room, user, connection, edge, 7);
    }

    private static Command personalPost(String id) {
        return new Command.Post(BOBS, ANN, A1, EAST, id, HI, 60_000L);
    }

    private static Command post(RoomId room, @Nullable Long confirmWithinMs) {
        return new Command.Post(room, ANN, A1, EAST, null, HI, confirmWithinMs);
    }

    private static Command ack(RoomId room, UserId user, ConnectionId connection, long seq) {
        return new Command.Acknowledge(room, user, connection, EAST, null, seq);
    }
}
