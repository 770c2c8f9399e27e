package io.rejoin.edge.fanout;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.After;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.resume.FakeHistory;
import io.rejoin.edge.room.FakeReceiver;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Membership;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import io.rejoin.edge.websocket.FrameMemory;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Tests cursors, redeliveries, personal rooms, and the results of posts. */
class AcknowledgementsTest {
    private static final UserId ANN = new UserId("default", "ann");
    private static final UserId BOB = new UserId("default", "bob");
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final RoomId PERSONAL_ROOM_OF_ANN = RoomId.personal(ANN);

    private final FakeHistory history = new FakeHistory();
    private final Map<ConnectionId, FakeReceiver> receivers = new LinkedHashMap<>(); // all belong to ann
    private final LocalRooms rooms = new LocalRooms(1_000_000);
    private final FanOut fanOut = new FanOut(rooms, new Receivers() {
        @Override
        public @Nullable Receiver find(ConnectionId connection) {
            return receivers.get(connection);
        }

        @Override
        public Collection<? extends Receiver> of(UserId user) {
            return user.equals(ANN) ? receivers.values() : List.of();
        }

        @Override
        public void rejoinAll() {
            throw new AssertionError("of StreamFrames");
        }
    }, history, new FrameMemory(20_000_000), new Random(1), new FanOutMeters(new SimpleMeterRegistry()));

    @Test
    void aJoinAfterTheCursorStartsThereAndReturnsIt() {
        history.setMessages(1, 1, 5);
        var ann = join(receiver("a"), LOBBY, new After.Cursor(), 5, 3L);

        eventually(() -> assertThat(ann.seqs()).containsExactly(4L, 5L));
        assertThat(ann.of("join_ack").getFirst().get("cursor").longValue()).isEqualTo(3);
        assertThat(ann.of("resync").getFirst().get("outcome").textValue()).isEqualTo("full");
    }

    @Test
    void aJoinAfterAMissingCursorReplaysEverything() {
        history.setMessages(1, 1, 2);
        var ann = join(receiver("a"), LOBBY, new After.Cursor(), 2, null);

        eventually(() -> assertThat(ann.seqs()).containsExactly(1L, 2L));
        assertThat(ann.of("join_ack").getFirst().has("cursor")).isFalse();
    }

    @Test
    void aSilentJoinReplaysUnacknowledgedMessages() {
        history.setMessages(1, 1, 4);
        var ann = joinSilently(receiver("a"), 4, 2L);
        eventually(() -> assertThat(ann.seqs()).containsExactly(3L, 4L));
        deliver(PERSONAL_ROOM_OF_ANN, 5);
        eventually(() -> assertThat(ann.seqs()).containsExactly(3L, 4L, 5L));

        assertThat(ann.events()).containsOnly("message");
    }

    @Test
    void aSilentJoinReportsMessagesThatAreNoLongerKept() {
        history.setMessages(1, 1, 4);
        history.deleteUpTo(3);
        var ann = joinSilently(receiver("a"), 4, 1L);

        eventually(() -> assertThat(ann.events()).containsExactly("message", "resync"));
        assertThat(ann.of("resync").getFirst().get("outcome").textValue()).isEqualTo("partial");
    }

    @Test
    void aNewIncarnationSendsACursorThatMoved() {
        var ann = joinSilently(receiver("a"), 0, null);
        deliver(PERSONAL_ROOM_OF_ANN, 1, 2);
        requireNonNull(ann.membership(PERSONAL_ROOM_OF_ANN)).setRequest(2);
        fanOut.deliver(joined(ann, PERSONAL_ROOM_OF_ANN, 2, 2, 1L));

        assertThat(ann.events()).containsExactly("message", "message", "cursor");
    }

    @Test
    void aCursorIsSentToTheUsersOtherDevicesAndNeverDecreases() {
        var phone = join(receiver("phone"), LOBBY, null, 9, null);
        var laptop = join(receiver("laptop"), LOBBY, null, 9, null);
        var elsewhere = receiver("elsewhere");
        for (var seq : new long[]{5, 7, 6, 7}) fanOut.deliver(new Delivery.Cursor(LOBBY, ANN, 1, seq, phone.id));
        fanOut.deliver(new Delivery.Cursor(LOBBY, ANN, 2, 9, phone.id)); // another epoch
        fanOut.deliver(new Delivery.Cursor(LOBBY, BOB, 1, 9, phone.id));

        assertThat(laptop.of("cursor")).extracting(AcknowledgementsTest::seq).containsExactly(5L, 7L);
        assertThat(phone.of("cursor")).isEmpty();
        assertThat(elsewhere.frames()).isEmpty();
    }

    @Test
    void aFullOutboxGetsTheLastCursorOnceThereIsSpace() {
        var slow = new FakeReceiver("slow", 1, false);
        receivers.put(slow.id, slow);
        join(slow, LOBBY, null, 9, null);
        for (var seq = 1; seq <= 8; seq++) {
            fanOut.deliver(new Delivery.Cursor(LOBBY, ANN, 1, seq, new ConnectionId("c")));
        }
        slow.drain();

        eventually(() -> assertThat(slow.of("cursor")).extracting(AcknowledgementsTest::seq).containsExactly(1L, 8L));
    }

    @Test
    void aRecentMessageIsRedeliveredWithAFlag() {
        var phone = join(receiver("phone"), LOBBY, null, 0, null);
        var laptop = join(receiver("laptop"), LOBBY, null, 0, null);
        deliver(LOBBY, 1, 2);
        fanOut.deliver(new Delivery.Redeliver(LOBBY, 1, 1, ANN));
        fanOut.deliver(new Delivery.Redeliver(LOBBY, 1, 1, BOB));
        fanOut.deliver(new Delivery.Redeliver(LOBBY, 2, 1, ANN)); // another epoch
        deliver(LOBBY, 3);

        for (var device : List.of(phone, laptop)) {
            assertThat(device.seqs()).containsExactly(1L, 2L, 1L, 3L);
            var copy = device.of("message").get(2);
            assertThat(copy.get("redelivered").booleanValue()).isTrue();
            assertThat(copy.get("text").textValue()).isEqualTo("m1");
            assertThat(device.of("message").getFirst().has("redelivered")).isFalse();
        }
        assertThat(history.reads()).isEmpty();
    }

    @Test
    void anOlderMessageIsRedeliveredFromHistoryOrDropped() {
        history.setMessages(1, 1, 9);
        var ann = join(receiver("a"), LOBBY, null, 9, null);
        history.failNext(1);
        fanOut.deliver(new Delivery.Redeliver(LOBBY, 1, 4, ANN));
        eventually(() -> assertThat(history.reads()).containsExactly(3L));
        fanOut.deliver(new Delivery.Redeliver(LOBBY, 1, 4, ANN));

        eventually(() -> assertThat(ann.seqs()).containsExactly(4L));
        assertThat(ann.of("message").getFirst().get("redelivered").booleanValue()).isTrue();
    }

    @Test
    void aMemberThatIsBehindGetsNoRedelivery() {
        history.setUnavailable(true);
        history.setMessages(1, 1, 9);
        var behind = join(receiver("behind"), LOBBY, new After.Seq(3), 9, null);
        fanOut.deliver(new Delivery.Redeliver(LOBBY, 1, 5, ANN));
        history.setUnavailable(false);

        eventually(() -> assertThat(behind.seqs()).containsExactly(4L, 5L, 6L, 7L, 8L, 9L));
        assertThat(behind.of("message")).noneMatch(message -> message.has("redelivered"));
    }

    @Test
    void aPosterGetsTheResultOfItsPost() {
        var ann = receiver("a");
        fanOut.deliver(new Delivery.Confirmed(LOBBY, ann.id, 4, "m1", BOB));
        fanOut.deliver(new Delivery.Expired(LOBBY, ann.id, 5, null, List.of(BOB)));
        fanOut.deliver(new Delivery.Refused(LOBBY, ann.id, "m3", Delivery.Refusal.TOO_MANY_RECIPIENTS));

        assertThat(ann.of("confirmed").getFirst().toString())
                .isEqualTo("{\"event\":\"confirmed\",\"room\":\"lobby\",\"seq\":4,\"id\":\"m1\",\"user\":\"bob\"}");
        assertThat(ann.of("expired").getFirst().toString())
                .isEqualTo("{\"event\":\"expired\",\"room\":\"lobby\",\"seq\":5,\"users\":[\"bob\"]}");
        var error = ann.of("error").getFirst();
        assertThat(error.get("code").textValue()).isEqualTo("too_many_recipients");
        assertThat(error.get("id").textValue()).isEqualTo("m3");
        assertThat(error.has("retry_after_ms")).isFalse();
    }

    @Test
    void aPosterGetsAnErrorForAConflictingId() {
        var ann = receiver("a");
        fanOut.deliver(new Delivery.Refused(LOBBY, ann.id, "1", Delivery.Refusal.ID_CONFLICT));

        var error = ann.of("error").getFirst();
        assertThat(error.get("code").textValue()).isEqualTo("id_conflict");
        assertThat(error.get("id").textValue()).isEqualTo("1");
        assertThat(error.get("room").textValue()).isEqualTo("lobby");
        assertThat(error.has("retry_after_ms")).isFalse();
    }

    private FakeReceiver receiver(String id) {
        var receiver = new FakeReceiver(id, 10_000, true);
        receivers.put(receiver.id, receiver);
        return receiver;
    }

    private FakeReceiver join(FakeReceiver receiver, RoomId room, @Nullable After after, long head,
            @Nullable Long cursor) {
        receiver.addJoining(room, 1, after, null);
        fanOut.deliver(joined(receiver, room, 1, head, cursor));
        return receiver;
    }

    private FakeReceiver joinSilently(FakeReceiver receiver, long head, @Nullable Long cursor) {
        receiver.addJoining(Membership.silent(ANN, receiver, 1));
        fanOut.deliver(joined(receiver, PERSONAL_ROOM_OF_ANN, 1, head, cursor));
        return receiver;
    }

    private static Delivery.Joined joined(FakeReceiver receiver, RoomId room, long request, long head,
            @Nullable Long cursor) {
        return new Delivery.Joined(room, receiver.id, request, 1, head, List.of(ANN), 1, 1, cursor);
    }

    private void deliver(RoomId room, long... seqs) {
        for (var seq : seqs)
            fanOut.deliver(new Delivery.Message(room, 1, seq, BOB, null, Content.text("m" + seq), seq));
    }

    private static long seq(JsonNode frame) {
        return frame.get("seq").longValue();
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(40)).untilAsserted(assertion);
    }
}
