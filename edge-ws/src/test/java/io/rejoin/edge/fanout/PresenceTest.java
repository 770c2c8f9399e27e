package io.rejoin.edge.fanout;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.room.FakeReceiver;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Membership;
import io.rejoin.edge.room.PresenceChanges;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests joins and leaves that are announced together. */
class PresenceTest {
    private static final RoomId HALL = new RoomId("default", "hall");

    private final Map<ConnectionId, FakeReceiver> receivers = new LinkedHashMap<>();
    private final Deque<Duration> pauses = new ArrayDeque<>();
    private final Deque<Runnable> dueTasks = new ArrayDeque<>();
    private final LocalRooms rooms = new LocalRooms(1_000_000);
    private long now = -1;
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
    }, (_, _, _, _, _) -> {
        throw new AssertionError("there are no messages");
    }, (_, _) -> {}, (pause, task) -> {
        pauses.add(pause);
        dueTasks.add(task);
    }, () -> now, new FanOutMeters(new SimpleMeterRegistry()));

    /** The users, and below the version, as routers know them. */
    private final TreeSet<String> present = new TreeSet<>();
    private long version;

    @Test
    void theFirstChangeIsSentAtOnceAndTheNextOnesTogether() {
        var ann = joinClientWithDiffs("ann");
        userJoins("ben");
        assertThat(ann.events()).containsExactly("join_ack", "presence");
        userJoins("cat");
        userJoins("dan");
        userLeaves("ben");
        assertThat(ann.events()).containsExactly("join_ack", "presence");
        passOneSecond();

        var diff = ann.frames().getLast();
        assertThat(diff.toString()).isEqualTo("{\"event\":\"presence_diff\",\"room\":\"hall\",\"joined\":[\"cat\","
                + "\"dan\"],\"left\":[\"ben\"],\"count\":3,\"from\":3,\"version\":5}");
        passOneSecond();
        assertThat(dueTasks).isEmpty();
        userJoins("eve");
        assertThat(ann.events()).endsWith("presence_diff", "presence");
    }

    @Test
    void aJoinAndALeaveCancelOut() {
        var ann = joinClientWithDiffs("ann");
        userJoins("ben");
        userJoins("cat");
        userLeaves("cat");
        userLeaves("ben");
        userJoins("ben");
        passOneSecond();

        assertThat(names(ann.frames().getLast(), "joined")).isEmpty();
        assertThat(names(ann.frames().getLast(), "left")).isEmpty();
        assertThat(ann.frames().getLast().get("version").longValue()).isEqualTo(version);
    }

    @Test
    void aSingleWaitingChangeIsAPresenceFrame() {
        var ann = joinClientWithDiffs("ann");
        userJoins("ben");
        userJoins("cat");
        passOneSecond();

        assertThat(ann.events()).containsExactly("join_ack", "presence", "presence");
    }

    @Test
    void aClientWithoutDiffsGetsEachChange() {
        var ann = joinClient("ann");
        userJoins("ben");
        for (var n = 0; n < 3 * PresenceChanges.MAX; n++) userJoins("user-" + n);
        passOneSecond();

        assertThat(ann.of("presence")).extracting(frame -> frame.get("version").longValue()).doesNotHaveDuplicates()
                .isSorted().hasSize(1 + 3 * PresenceChanges.MAX);
        assertThat(ann.of("presence_diff")).isEmpty();
    }

    @Test
    void aMemberGetsOnlyChangesAfterItsJoin() {
        var ann = joinClientWithDiffs("ann");
        userJoins("ben");
        userJoins("cat");
        var dan = joinClientWithDiffs("dan"); // has cat in its list
        var eve = joinClient("eve");
        userLeaves("cat");
        userJoins("fay");
        passOneSecond();

        assertThat(names(ann.frames().getLast(), "joined")).containsExactly("dan", "eve", "fay");
        assertThat(names(ann.frames().getLast(), "left")).isEmpty(); // ann never learned that cat was there
        assertThat(names(dan.frames().getLast(), "joined")).containsExactly("eve", "fay");
        assertThat(names(dan.frames().getLast(), "left")).containsExactly("cat");
        assertThat(eve.of("presence")).extracting(frame -> frame.get("user").textValue()).containsExactly("cat", "fay");
    }

    @Test
    void aMemberGetsOnlyChangesAfterItsMemberList() {
        var ann = joinClientWithDiffs("ann");
        userJoins("ben");
        userJoins("cat");
        requestList(ann);
        userLeaves("cat");
        userJoins("dan");
        passOneSecond();

        assertThat(names(ann.frames().getLast(), "left")).containsExactly("cat");
        assertThat(ann.frames().getLast().get("from").longValue()).isEqualTo(version - 1);
    }

    @Test
    void tooManyChangesAreOnlyCounted() {
        var ann = joinClientWithDiffs("ann");
        userJoins("ben");
        for (var n = 0; n <= PresenceChanges.MAX; n++) userJoins("user-" + n);
        passOneSecond();

        assertThat(ann.of("presence_diff")).hasSize(1);
        assertThat(ann.frames().getLast().toString()).isEqualTo("{\"event\":\"presence_diff\",\"room\":\"hall\","
                + "\"count\":203,\"from\":3,\"version\":203}");
        userJoins("cat");
        userJoins("dan");
        passOneSecond();
        assertThat(names(ann.frames().getLast(), "joined")).containsExactly("cat", "dan");
    }

    @Test
    void aFullOutboxMissesPresenceAndCatchesUp() {
        var slow = new FakeReceiver("slow", 2, false);
        joinClient(slow);
        for (var name : List.of("ben", "cat", "dan", "eve")) userJoins(name);
        passOneSecond();

        assertThat(slow.of("presence")).hasSize(2);
        var membership = Objects.requireNonNull(slow.membership(HALL));
        assertThat(membership.hasMissedPresence()).isTrue();
        assertThat(membership.state()).isEqualTo(Membership.State.REPLAYING);
    }

    @Test
    void theMoreMembersTheLongerThePause() {
        joinClientWithDiffs("ann");
        userJoins("ben");
        for (var n = 0; n < 300; n++) joinClientWithDiffs("user-" + n);
        passOneSecond();
        for (var n = 0; n < 2_000; n++) joinClientWithDiffs("more-" + n);
        passOneSecond();
        userJoins("eve");

        assertThat(pauses).containsExactly(Duration.ofMillis(100), Duration.ofMillis(302), Duration.ofSeconds(1));
    }

    @Test
    void theWaitIsTheRemainingPause() {
        joinClientWithDiffs("ann");
        userJoins("ben");
        assertThat(pauses).isEmpty();
        now += Duration.ofMillis(60).toNanos();
        userJoins("cat");
        assertThat(pauses).containsExactly(Duration.ofMillis(40));
    }

    @Test
    void anEmptyRoomAnnouncesNothing() {
        var ann = joinClientWithDiffs("ann");
        userJoins("ben");
        userJoins("cat");
        rooms.leave(Objects.requireNonNull(ann.membership(HALL)));
        passOneSecond();

        assertThat(ann.events()).containsExactly("join_ack", "presence");
        assertThat(dueTasks).isEmpty();
    }

    /** A client that follows its frames has the right members in the end, with or without diffs. */
    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16})
    void allClientsEndWithTheRightMembers(long seed) {
        var random = new Random(seed);
        var clients = new ArrayList<FakeReceiver>();
        for (var step = 0; step < 3_000; step++) {
            switch (random.nextInt(12)) {
                case 0 -> {
                    if (clients.size() < 30)
                        clients.add(joinClient(client("c" + clients.size(), random.nextBoolean())));
                }
                case 1 -> passOneSecond();
                case 2 -> {
                    if (!clients.isEmpty()) requestList(clients.get(random.nextInt(clients.size())));
                }
                default -> {
                    var name = "u" + random.nextInt(6);
                    if (present.contains(name)) userLeaves(name);
                    else
                        userJoins(name);
                }
            }
        }
        passOneSecond();
        passOneSecond();

        for (var client : clients) assertThat(view(client)).isEqualTo(present);
    }

    /** The members that a client computes from its frames. Checks that no change is sent twice. */
    private static Set<String> view(FakeReceiver client) {
        var seen = new TreeSet<String>();
        var known = 0L;
        for (var frame : client.frames()) {
            switch (frame.get("event").textValue()) {
                case "join_ack", "presence_state" -> {
                    seen.clear();
                    seen.addAll(names(frame, "members"));
                }
                case "presence" -> {
                    assertThat(frame.get("version").longValue()).isGreaterThan(known);
                    var user = frame.get("user").textValue();
                    assertThat(frame.get("action").textValue().equals("join") ? seen.add(user) : seen.remove(user))
                            .isTrue();
                }
                default -> {
                    assertThat(frame.get("from").longValue()).isGreaterThan(known);
                    assertThat(names(frame, "joined")).noneMatch(seen::contains);
                    seen.addAll(names(frame, "joined"));
                    assertThat(seen).containsAll(names(frame, "left"));
                    names(frame, "left").forEach(seen::remove);
                }
            }
            known = frame.path("version").asLong(known);
        }
        return seen;
    }

    private FakeReceiver joinClientWithDiffs(String name) {
        return joinClient(client(name, true));
    }

    private FakeReceiver joinClient(String name) {
        return joinClient(client(name, false));
    }

    private static FakeReceiver client(String name, boolean acceptsDiffs) {
        var client = new FakeReceiver(name, 100, true);
        return acceptsDiffs ? client.withPresenceDiffs() : client;
    }

    /**
     * Joins a client whose id is its user's name. Like a router, answers the client first and then informs the room.
     */
    private FakeReceiver joinClient(FakeReceiver receiver) {
        receivers.put(receiver.id, receiver);
        receiver.addJoining(HALL, 1, null, null);
        present.add(receiver.id.value());
        version++;
        fanOut.deliver(new Delivery.Joined(HALL, receiver.id, 1, 1, 0, users(), present.size(), version, null));
        deliverPresence(Delivery.Action.JOIN, receiver.id.value());
        return receiver;
    }

    private void requestList(FakeReceiver receiver) {
        fanOut.deliver(new Delivery.MemberList(HALL, receiver.id, 2, users(), present.size(), version));
    }

    private void userJoins(String name) {
        present.add(name);
        version++;
        deliverPresence(Delivery.Action.JOIN, name);
    }

    private void userLeaves(String name) {
        present.remove(name);
        version++;
        deliverPresence(Delivery.Action.LEAVE, name);
    }

    private void deliverPresence(Delivery.Action action, String name) {
        fanOut.deliver(new Delivery.Presence(HALL, action, user(name), present.size(), version));
    }

    private void passOneSecond() {
        now += Duration.ofSeconds(1).toNanos();
        for (var remaining = dueTasks.size(); remaining > 0; remaining--) dueTasks.remove().run();
    }

    private List<UserId> users() {
        return present.stream().map(PresenceTest::user).toList();
    }

    private static UserId user(String name) {
        return new UserId("default", name);
    }

    private static List<String> names(JsonNode frame, String field) {
        var names = new ArrayList<String>();
        frame.get(field).forEach(name -> names.add(name.textValue()));
        return names;
    }
}
