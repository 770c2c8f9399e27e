package io.rejoin.bench.micro;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import java.util.List;
import java.util.stream.IntStream;

/** Sample data: messages of 100 characters, in an installation with two edges. */
final class Samples {
    static final long NOW = 1_790_000_000_000L;
    static final RoomId ROOM = new RoomId("default", "b1-17");
    private static final List<EdgeRef> EDGES = List.of(new EdgeRef("edge-1", NOW, 0), new EdgeRef("edge-2", NOW, 0));
    private static final Content TEXT = Content.text("0123456789".repeat(10));

    private Samples() {}

    static EdgeRef edge(int member) {
        return EDGES.get(member % EDGES.size());
    }

    static UserId user(int member) {
        return new UserId("default", "u-" + member);
    }

    static ConnectionId connection(int member) {
        return new ConnectionId("%024x".formatted(member));
    }

    static Command.Join join(int member) {
        return new Command.Join(ROOM, user(member), connection(member), edge(member), 1);
    }

    /** A post through the first edge. */
    static Command.Post post(int number) {
        return new Command.Post(ROOM, user(0), connection(0), edge(0), "id-" + number, TEXT, null, 42L + number);
    }

    static CommandBatch posts(int from, int count) {
        return new CommandBatch(LogCodec.COMMANDS_VERSION,
                IntStream.range(from, from + count).<Command>mapToObj(Samples::post).toList());
    }

    static Delivery.Message message(long seq) {
        return new Delivery.Message(ROOM, NOW, seq, user(0), "id-" + seq, TEXT, NOW);
    }

    /** The batch that an edge receives for some posts; the first post came from that edge itself. */
    static DeliveryBatch deliveries(int count) {
        return new DeliveryBatch(edge(0).edge(), NOW, IntStream.rangeClosed(1, count)
                .mapToObj(seq -> new DeliveryBatch.Entry(new Source(3, 1_000 + seq, 0), delivery(seq))).toList());
    }

    private static Delivery delivery(int seq) {
        return seq == 1 ? new Delivery.Acked(ROOM, connection(0), "id-" + seq, seq, NOW, false) : message(seq);
    }
}
