package io.rejoin.edge.fanout;

import static java.util.stream.LongStream.rangeClosed;
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
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import io.rejoin.edge.websocket.FrameMemory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Tests that each client sees each seq of its room once and in order, whatever happens. A seed draws the events:
 * messages, lost and repeated deliveries, slow clients, a history that fails and lags, joins, resumes and new
 * incarnations.
 */
class FanOutRandomisedTest {
    private static final RoomId ROOM = new RoomId("default", "room");
    private static final UserId BOB = new UserId("default", "bob");
    private static final int STEPS = 1_500;

    /** A client, and the first seq that it must see. */
    private record Client(FakeReceiver receiver, long first, boolean resumes) {}

    private final Map<ConnectionId, Receiver> receivers = new HashMap<>();
    private final FakeHistory history = new FakeHistory();
    private final List<Client> clients = new ArrayList<>();
    private long head;

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12})
    void everyClientSeesEverySeqOnceAndInOrder(long seed) {
        var random = new Random(seed);
        var fanOut = new FanOut(new LocalRooms(random.nextBoolean() ? 2_000 : 1_000_000), receiversByMap(), history,
                new FrameMemory(20_000_000), new Random(seed + 1), new FanOutMeters(new SimpleMeterRegistry()));
        for (var step = 0; step < STEPS; step++) step(fanOut, random);
        history.setMessages(1, 1, head);
        clients.forEach(client -> client.receiver().readAll());
        if (clients.isEmpty()) join(fanOut, random);
        post(fanOut, false); // reveals a gap at the end, if there is one
        history.setMessages(1, 1, head);

        for (var client : clients) await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> check(client));
    }

    private void step(FanOut fanOut, Random random) {
        switch (random.nextInt(20)) {
            case 0 -> join(fanOut, random);
            case 1 -> history.setMessages(1, 1, Math.max(0, head - random.nextInt(5)));
            case 2 -> history.failNext(random.nextInt(3));
            case 3, 4 -> {
                if (!clients.isEmpty()) clients.get(random.nextInt(clients.size())).receiver().drain();
            }
            case 5 -> post(fanOut, true); // the delivery is lost
            case 6 -> fanOut.deliver(new Delivery.Presence(ROOM, Delivery.Action.JOIN, BOB, 1, 1));
            case 7 -> {
                if (head > 0) fanOut.deliver(message(1 + random.nextLong(head)));
            }
            case 8 -> rejoin(fanOut, random);
            default -> post(fanOut, false);
        }
    }

    private void join(FanOut fanOut, Random random) {
        if (clients.size() >= 6) return;
        var receiver = new FakeReceiver("c" + clients.size(), 2 + random.nextInt(30), random.nextInt(3) == 0);
        receivers.put(receiver.id, receiver);
        var after = random.nextBoolean() ? new After.Seq(random.nextLong(head + 1)) : null;
        receiver.addJoining(ROOM, 1, after, after == null ? null : 1L);
        clients.add(new Client(receiver, after == null ? head + 1 : after.seq() + 1, after != null));
        fanOut.deliver(new Delivery.Joined(ROOM, receiver.id, 1, 1, head, List.of(BOB), 1, 1, null));
    }

    private void rejoin(FanOut fanOut, Random random) {
        if (clients.isEmpty()) return;
        var receiver = clients.get(random.nextInt(clients.size())).receiver();
        var membership = receiver.membership(ROOM);
        if (membership == null) return;
        membership.setRequest(membership.request() + 1);
        fanOut.deliver(new Delivery.Joined(ROOM, receiver.id, membership.request(), 1, head, List.of(BOB), 1, 1, null));
    }

    private void post(FanOut fanOut, boolean lost) {
        head++;
        if (!lost) fanOut.deliver(message(head));
    }

    private void check(Client client) {
        var receiver = client.receiver();
        assertThat(receiver.closed()).isNull();
        assertThat(receiver.seqs()).containsExactlyElementsOf(rangeClosed(client.first(), head).boxed().toList());
        assertThat(receiver.of("resync")).hasSize(client.resumes() ? 1 : 0);
        receiver.of("resync").forEach(resync -> checkPlace(receiver.frames(), resync));
    }

    /** The {@code resync} frame comes after all missed messages and before all later ones. */
    private static void checkPlace(List<JsonNode> frames, JsonNode resync) {
        assertThat(resync.get("outcome").textValue()).isEqualTo("full");
        var to = resync.get("to").longValue();
        for (var place = 0; place < frames.size(); place++) {
            var frame = frames.get(place);
            if (frame.get("event").textValue().equals("message")) {
                assertThat(frame.get("seq").longValue() > to).isEqualTo(place > frames.indexOf(resync));
            }
        }
    }

    private static Delivery.Message message(long seq) {
        return new Delivery.Message(ROOM, 1, seq, BOB, null, Content.text("m" + seq), seq);
    }

    private Receivers receiversByMap() {
        return new Receivers() {
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
        };
    }
}
