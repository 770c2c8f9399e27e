package io.rejoin.edge.fanout;

import static java.util.Objects.requireNonNull;
import static java.util.stream.LongStream.rangeClosed;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.After;
import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.resume.FakeHistory;
import io.rejoin.edge.room.FakeReceiver;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import io.rejoin.edge.websocket.FrameMemory;
import java.time.Duration;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.stream.LongStream;
import org.awaitility.core.ThrowingRunnable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class FanOutTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");

    private final FakeHistory history = new FakeHistory();
    private final Map<ConnectionId, FakeReceiver> receivers = new HashMap<>();
    private final LocalRooms rooms = new LocalRooms(1_000_000);
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final FanOut fanOut = new FanOut(rooms, new Receivers() {
        @Override
        public @Nullable Receiver find(ConnectionId connection) {
            return receivers.get(connection);
        }

        @Override
        public Collection<? extends Receiver> of(UserId user) {
            return receivers.values();
        }

        @Override
        public void rejoinAll() {
            throw new AssertionError("of StreamFrames");
        }
    }, history, new FrameMemory(20_000_000), new Random(1), new FanOutMeters(meters));

    @Test
    void aMemberReceivesMessagesAfterItsJoinInOrder() {
        var ann = joined("a", 7);
        deliver(8, 9, 10);

        assertThat(ann.events()).containsExactly("join_ack", "message", "message", "message");
        assertThat(ann.frames().getFirst().get("seq").longValue()).isEqualTo(7);
        assertThat(ann.seqs()).containsExactly(8L, 9L, 10L);
    }

    @Test
    void aRepeatedMessageIsDropped() {
        var ann = joined("a", 0);
        deliver(1, 2, 1, 2, 3);

        assertThat(ann.seqs()).containsExactly(1L, 2L, 3L);
    }

    /**
     * The edge joins its members again, and routers have removed the room meanwhile. A client's request for the members
     * is in the log before the new joins.
     */
    @Test
    void anOutdatedMemberListIsNotSent() {
        var ann = joined("a", 0);
        fanOut.deliver(new Delivery.MemberList(LOBBY, ann.id, 7, List.of(), 0, 0));
        assertThat(ann.events()).containsExactly("join_ack");
        assertThat(ann.outdatedLists()).isEqualTo(1);

        fanOut.deliver(new Delivery.MemberList(LOBBY, ann.id, 8, List.of(ANN), 1, 1));
        assertThat(ann.events()).containsExactly("join_ack", "presence_state");
    }

    @Test
    void aDifferentMessageWithTheSameSeqIsDroppedAndCounted() {
        var ann = joined("a", 0);
        deliver(1, 2, 2);
        assertThat(broken()).isZero();

        fanOut.deliver(new Delivery.Message(LOBBY, 1, 2, ANN, null, Content.text("not m2"), 2));

        assertThat(ann.seqs()).containsExactly(1L, 2L);
        assertThat(broken()).isEqualTo(1);
        assertThat(meters.get("rejoin.edge.holes").counter().count()).isZero();
    }

    private double broken() {
        return meters.get("rejoin.edge.broken.invariants").tag("invariant", "changed_message").counter().count();
    }

    @Test
    void aGapIsFilledFromHistoryBeforeAnythingLaterIsSent() {
        history.setUnavailable(true);
        history.setMessages(1, 1, 5);
        var ann = joined("a", 0);
        deliver(1, 4, 5);
        assertThat(ann.seqs()).containsExactly(1L);
        assertThat(meters.get("rejoin.edge.holes").counter().count()).isEqualTo(1);
        history.setUnavailable(false);

        eventually(() -> assertThat(ann.seqs()).containsExactly(1L, 2L, 3L, 4L, 5L));
        assertThat(ann.events()).doesNotContain("resync"); // only a resume gets one
    }

    @Test
    void aResumeSendsMissedMessagesThenResyncThenLiveMessages() {
        history.setMessages(1, 1, 300);
        var ann = join("a", new After.Seq(40), 1L, 300);
        deliver(301);

        eventually(() -> assertThat(ann.seqs()).containsExactlyElementsOf(rangeClosed(41, 301).boxed().toList()));
        var resync = ann.of("resync").getFirst();
        assertThat(ann.events().indexOf("resync")).isEqualTo(1 + 260); // after the ack and the missed messages
        assertThat(resync.get("from").longValue()).isEqualTo(41);
        assertThat(resync.get("to").longValue()).isEqualTo(300);
        assertThat(resync.get("outcome").textValue()).isEqualTo("full");
    }

    @Test
    void aResumeWithNothingMissedSendsResyncAtOnce() {
        var ann = join("a", new After.Seq(5), 1L, 5);

        assertThat(ann.events()).containsExactly("join_ack", "resync");
        assertThat(history.reads()).isEmpty();
    }

    @Test
    void aShortAbsenceIsServedFromRecentFrames() {
        joined("a", 0);
        deliver(1, 2, 3);
        history.setUnavailable(true);
        var ben = join("b", new After.Seq(1), 1L, 3);

        eventually(() -> assertThat(ben.events()).containsExactly("join_ack", "message", "message", "resync"));
        assertThat(history.reads()).isEmpty();
    }

    @Test
    void aPageReadForOneMemberServesTheNext() {
        history.setMessages(1, 1, 60);
        var ann = join("a", new After.Seq(40), 1L, 60);
        eventually(() -> assertThat(ann.events()).contains("resync"));
        history.setUnavailable(true);
        var ben = join("b", new After.Seq(45), 1L, 60);
        deliver(61);

        eventually(() -> assertThat(ben.seqs()).containsExactlyElementsOf(rangeClosed(46, 61).boxed().toList()));
        assertThat(history.reads()).containsExactly(40L);
    }

    @Test
    void manyMembersCatchUpAtTheSameTime() {
        history.setMessages(1, 1, 900);
        history.setUnavailable(true);
        var all = LongStream.range(0, 20).mapToObj(n -> join("m" + n, new After.Seq(40 + n % 2), 1L, 900)).toList();
        eventually(() -> assertThat(history.reads()).contains(40L, 41L));
        history.setUnavailable(false);

        for (var n = 0; n < all.size(); n++) {
            var expected = rangeClosed(41 + n % 2, 900).boxed().toList();
            var one = all.get(n);
            eventually(() -> assertThat(one.seqs()).containsExactlyElementsOf(expected));
        }
    }

    @Test
    void afterAnErasureRecentMessagesAreReadFromHistory() {
        joined("a", 0);
        deliver(1, 2, 3);
        history.setMessages(1, 1, 3);
        history.erase(2);
        rooms.forgetMessages();
        var ben = join("b", new After.Seq(0), 1L, 3);

        eventually(
                () -> assertThat(ben.events()).containsExactly("join_ack", "message", "message", "message", "resync"));
        var erased = ben.of("message").get(1);
        assertThat(erased.get("erased").booleanValue()).isTrue();
        assertThat(erased.get("text").textValue()).isEmpty();
        assertThat(ben.of("message").get(0).has("erased")).isFalse();

        deliver(2, 4); // a router may repeat a message that was erased meanwhile
        assertThat(ben.seqs()).containsExactly(1L, 2L, 3L, 4L);
        assertThat(broken()).isZero();
    }

    @Test
    void aPageWithAHoleIsNotKeptForOthers() {
        history.setMessages(1, 1, 60);
        history.delete(50);
        var ann = join("a", new After.Seq(40), 1L, 60);
        eventually(() -> assertThat(ann.seqs()).contains(60L));
        var ben = join("b", new After.Seq(45), 1L, 60);

        eventually(() -> assertThat(ben.events()).contains("resync"));
        assertThat(ben.of("resync").getFirst().get("outcome").textValue()).isEqualTo("partial");
        assertThat(history.reads()).contains(45L);
    }

    @Test
    void deletedMessagesMakeAResumePartial() {
        history.setMessages(1, 1, 10);
        history.deleteUpTo(6);
        var ann = join("a", new After.Seq(2), 1L, 10);

        eventually(() -> assertThat(ann.seqs()).containsExactly(7L, 8L, 9L, 10L));
        assertThat(ann.of("resync").getFirst().get("outcome").textValue()).isEqualTo("partial");
        assertThat(ann.of("resync").getFirst().get("from").longValue()).isEqualTo(7);
    }

    @Test
    void aResumeEndsWhenHistoryHasNoMessages() {
        history.setMessages(1, 1, 10);
        history.deleteUpTo(10);
        var ann = join("a", new After.Seq(2), 1L, 10);
        deliver(11);

        eventually(() -> assertThat(ann.events()).containsExactly("join_ack", "resync", "message"));
        var resync = ann.of("resync").getFirst();
        assertThat(resync.get("outcome").textValue()).isEqualTo("partial");
        assertThat(resync.get("from").longValue()).isEqualTo(11);
        assertThat(resync.get("to").longValue()).isEqualTo(10);
    }

    @Test
    void catchUpWaitsForALaggingHistory() {
        history.setMessages(1, 1, 3);
        var ann = join("a", new After.Seq(3), 1L, 6);
        eventually(() -> assertThat(history.reads()).hasSizeGreaterThan(2));
        assertThat(ann.events()).containsExactly("join_ack");
        history.setMessages(1, 1, 6);

        eventually(
                () -> assertThat(ann.events()).containsExactly("join_ack", "message", "message", "message", "resync"));
    }

    @Test
    void anotherEpochOrASeqBeyondTheHeadIsUnrecoverable() {
        for (var ann : List.of(join("a", new After.Seq(3), 9L, 5), join("b", new After.Seq(6), 1L, 5))) {
            assertThat(ann.events()).containsExactly("join_ack", "resync");
            assertThat(ann.of("resync").getFirst().get("outcome").textValue()).isEqualTo("unrecoverable");
        }
    }

    @Test
    void aResumeInAnEmptyRoomThatWasRemovedIsFull() {
        history.setMessages(9, 1, 2);
        var ann = new FakeReceiver("a", 100, true);
        receivers.put(ann.id, ann);
        ann.addJoining(LOBBY, 1, new After.Seq(0), 5L);
        fanOut.deliver(answer(ann, 1, 9, 2, 4L));

        eventually(() -> assertThat(ann.events()).containsExactly("join_ack", "message", "message", "resync"));
        assertThat(ann.of("resync").getFirst().get("outcome").textValue()).isEqualTo("full");
    }

    @Test
    void aResumeInAnEarlierEpochIsUnrecoverableUnlessTheRoomWasEmpty() {
        var asked = List.of(new After.Seq(0), new After.Seq(0), new After.Seq(0), new After.Seq(1));
        var known = Arrays.asList(null, 5L, 6L, 4L); // epochs after this one held no message
        for (var n = 0; n < asked.size(); n++) {
            var ann = new FakeReceiver("a" + n, 100, true);
            receivers.put(ann.id, ann);
            ann.addJoining(LOBBY, 1, asked.get(n), 5L);
            fanOut.deliver(answer(ann, 1, 9, 2, known.get(n)));

            assertThat(ann.of("resync").getFirst().get("outcome").textValue()).isEqualTo("unrecoverable");
        }
    }

    @Test
    void membersContinueInARoomThatWasRemovedWhileEmpty() {
        history.setMessages(9, 1, 2);
        var ann = joined("a", 0);
        var ben = joined("b", 0);
        fanOut.deliver(answer(ann, 1, 9, 0, 0L)); // the edge joined its members again
        fanOut.deliver(answer(ben, 1, 9, 2, 0L));
        fanOut.deliver(message(9, 3));

        for (var one : List.of(ann, ben)) {
            eventually(() -> assertThat(one.seqs()).containsExactly(1L, 2L, 3L));
            assertThat(one.closed()).isNull();
            assertThat(one.of("message")).allMatch(message -> message.get("epoch").longValue() == 9);
        }
    }

    @Test
    void aNewEpochOfARoomWithMessagesClosesItsMembers() {
        var ann = joined("a", 7);
        var ben = joined("b", 7);
        fanOut.deliver(answer(ben, 1, 9, 0, 0L));

        assertThat(ann.closed()).isEqualTo(CloseCode.SERVICE_RESTART);
    }

    @Test
    void aJoinForTheLastMessagesGetsAtMostAllOfThem() {
        history.setMessages(1, 1, 5);
        var ann = join("a", new After.Last(2), 9L, 5); // counts from the head: the epoch does not matter
        var ben = join("b", new After.Last(100), null, 5);

        eventually(() -> assertThat(ann.seqs()).containsExactly(4L, 5L));
        eventually(() -> assertThat(ben.seqs()).containsExactly(1L, 2L, 3L, 4L, 5L));
    }

    @Test
    void aSlowMemberDelaysNobodyAndCatchesUpOnceItReads() {
        var slow = new FakeReceiver("slow", 2, false);
        join(slow, null, null, 0);
        var fast = joined("fast", 0);
        history.setMessages(1, 1, 500);
        for (var seq = 1; seq <= 500; seq++) deliver(seq);
        assertThat(fast.seqs()).hasSize(500);
        slow.readAll();

        eventually(() -> assertThat(slow.seqs()).containsExactlyElementsOf(rangeClosed(1, 500).boxed().toList()));
    }

    @Test
    void presenceThatDidNotFitIsRequestedAgain() {
        var slow = new FakeReceiver("slow", 1, false);
        join(slow, null, null, 0);
        deliver(1);
        fanOut.deliver(presence()); // does not fit, and no message follows that would start a catch-up
        assertThat(slow.refreshes()).isZero();
        slow.drain();

        eventually(() -> assertThat(slow.refreshes()).isEqualTo(1));
        deliver(2);
        assertThat(slow.seqs()).containsExactly(1L, 2L);
    }

    @Test
    void aNewEpochClosesAllMembers() {
        var ann = joined("a", 7);
        fanOut.deliver(message(2, 1));

        assertThat(ann.closed()).isEqualTo(CloseCode.SERVICE_RESTART);
        assertThat(ann.seqs()).isEmpty();
    }

    @Test
    void aNewEpochEndsAReplayOfTheOldOne() {
        history.setUnavailable(true);
        var ann = join("a", new After.Seq(0), 1L, 100);
        eventually(() -> assertThat(history.reads()).isNotEmpty());
        var ben = new FakeReceiver("b", 100, true);
        receivers.put(ben.id, ben);
        ben.addJoining(LOBBY, 1, null, null);
        fanOut.deliver(new Delivery.Joined(LOBBY, ben.id, 1, 2, 0, List.of(ANN), 1, 1, null));
        fanOut.deliver(message(2, 1));

        assertThat(ann.closed()).isEqualTo(CloseCode.SERVICE_RESTART);
        assertThat(ben.seqs()).containsExactly(1L);
    }

    @Test
    void aMemberThatLeavesDuringItsReplayReceivesNothingMore() {
        history.setUnavailable(true);
        history.setMessages(1, 1, 10);
        var ann = join("a", new After.Seq(0), 1L, 10);
        eventually(() -> assertThat(history.reads()).isNotEmpty());
        var membership = ann.membership(LOBBY);
        ann.removeMembership(LOBBY);
        rooms.leave(requireNonNull(membership));
        history.setUnavailable(false);
        var reads = history.reads().size();

        assertThat(history.reads().size()).isLessThanOrEqualTo(reads + 1);
        assertThat(ann.seqs()).isEmpty();
        assertThat(rooms.count()).isZero();
        assertThat(rooms.recentFramesBytes()).isZero();
    }

    @Test
    void aSecondJoinIsAnsweredAndReplaysFromItsPosition() {
        var ann = joined("a", 0);
        history.setMessages(1, 1, 3);
        deliver(1, 2, 3);
        rooms.leave(requireNonNull(ann.membership(LOBBY)));
        ann.addJoining(LOBBY, 2, new After.Seq(1), 1L);
        fanOut.deliver(answer(ann, 1, 3)); // answers the first join: does not count any more
        fanOut.deliver(answer(ann, 2, 3));

        eventually(
                () -> assertThat(ann.events()).containsExactly("join_ack", "message", "message", "message", "join_ack",
                        "message", "message", "resync"));
    }

    @Test
    void aMemberRejoinedByTheEdgeGetsTheMemberListAndMissesNothing() {
        history.setMessages(1, 1, 6);
        var ann = joined("a", 3);
        requireNonNull(ann.membership(LOBBY)).setRequest(2);
        fanOut.deliver(answer(ann, 2, 6)); // the edge missed three messages in between
        deliver(7);

        eventually(() -> assertThat(ann.seqs()).containsExactly(4L, 5L, 6L, 7L));
        assertThat(ann.of("join_ack")).hasSize(1);
        assertThat(ann.of("presence_state")).hasSize(1);
    }

    @Test
    void aJoinerGetsNoPresenceFrameForItsOwnJoin() {
        var ann = joined("a", 0);
        fanOut.deliver(new Delivery.Presence(LOBBY, Delivery.Action.JOIN, ANN, 1, 1)); // sent by routers after it
        assertThat(ann.events()).containsExactly("join_ack");

        var ben = new FakeReceiver("b", 100, true);
        receivers.put(ben.id, ben);
        ben.addJoining(LOBBY, 1, null, null);
        fanOut.deliver(new Delivery.Joined(LOBBY, ben.id, 1, 1, 0, List.of(ANN), 2, 2, null));
        fanOut.deliver(presence());

        assertThat(ann.events()).containsExactly("join_ack", "presence");
        assertThat(ben.events()).containsExactly("join_ack");
        fanOut.deliver(new Delivery.Presence(LOBBY, Delivery.Action.LEAVE, ANN, 1, 3));
        eventually(() -> assertThat(ben.events()).containsExactly("join_ack", "presence"));
    }

    @Test
    void aRepeatedJoinIsAnsweredUnderEachOfItsIds() {
        var ann = new FakeReceiver("a", 100, true);
        receivers.put(ann.id, ann);
        var waiting = ann.addJoining(LOBBY, 1, null, null);
        for (var id : List.of(FrameId.text("1"), new FrameId("1", false), new FrameId("true", false))) {
            assertThat(rooms.addIfSameJoin(waiting, new ClientFrame.Join("lobby", id, null, null))).isTrue();
        }
        fanOut.deliver(answer(ann, 1, 0));

        assertThat(ann.of("join_ack")).extracting(ack -> ack.get("id").toString())
                .containsExactly("\"1\"", "1", "true");
        assertThat(waiting.removeUnanswered()).isEmpty();
        assertThat(joined("b", 0).of("join_ack")).hasSize(1);
    }

    @Test
    void theResultOfAPostHasItsOriginalId() {
        var ann = joined("a", 0);
        fanOut.deliver(new Delivery.Acked(LOBBY, ann.id, "\t5.0", 1, 5, false));
        fanOut.deliver(new Delivery.Message(LOBBY, 1, 1, ANN, "\t5.0", Content.text("hi"), 5));
        fanOut.deliver(new Delivery.Confirmed(LOBBY, ann.id, 1, "5.0", ANN));

        assertThat(ann.of("ack").getFirst().get("id").toString()).isEqualTo("5.0");
        assertThat(ann.of("message").getFirst().get("id").toString()).isEqualTo("5.0");
        assertThat(ann.of("confirmed").getFirst().get("id").toString()).isEqualTo("\"5.0\"");
    }

    @Test
    void anAckGoesOnlyToItsConnection() {
        var ann = joined("a", 0);
        var ben = joined("b", 0);
        fanOut.deliver(new Delivery.Acked(LOBBY, ann.id, "m1", 1, 5, false));

        assertThat(ann.of("ack")).hasSize(1);
        assertThat(ben.of("ack")).isEmpty();
    }

    private FakeReceiver joined(String id, long head) {
        return join(id, null, null, head);
    }

    private FakeReceiver join(String id, @Nullable After after, @Nullable Long epoch, long head) {
        return join(new FakeReceiver(id, 10_000, true), after, epoch, head);
    }

    private FakeReceiver join(FakeReceiver receiver, @Nullable After after, @Nullable Long epoch, long head) {
        receivers.put(receiver.id, receiver);
        receiver.addJoining(LOBBY, 1, after, epoch);
        fanOut.deliver(answer(receiver, 1, head));
        return receiver;
    }

    private static Delivery.Joined answer(FakeReceiver receiver, long request, long head) {
        return new Delivery.Joined(LOBBY, receiver.id, request, 1, head, List.of(ANN), 1, 1, null);
    }

    private static Delivery.Joined answer(FakeReceiver receiver, long request, long epoch, long head,
            @Nullable Long emptySince) {
        return new Delivery.Joined(LOBBY, receiver.id, request, epoch, head, List.of(ANN), 1, 1, null, emptySince);
    }

    private void deliver(long... seqs) {
        for (var seq : seqs) fanOut.deliver(message(1, seq));
    }

    private static Delivery.Message message(long epoch, long seq) {
        return new Delivery.Message(LOBBY, epoch, seq, ANN, null, Content.text("m" + seq), seq);
    }

    private static Delivery.Presence presence() {
        return new Delivery.Presence(LOBBY, Delivery.Action.JOIN, ANN, 2, 2);
    }

    private static void eventually(ThrowingRunnable assertion) {
        await().atMost(Duration.ofSeconds(40)).untilAsserted(assertion);
    }
}
