package io.rejoin.simulation;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.core.Output;
import io.rejoin.router.link.ShardPushes;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.random.RandomGenerator;

/**
 * The outputs of one shard, and a model of its idempotent producer with one request in flight. The outputs for one
 * partition arrive in order, and partitions do not wait for each other. After a failed request it sends nothing more,
 * as the router's emitter.
 */
final class Outbound {
    /** Counts the unacknowledged sends between two checkpoints. */
    static final class Generation {
        int open;
    }

    private record Sent(Runnable append, Generation generation) {}

    private static final int MAX_AT_ONCE = 4;

    private final int partition;
    private final Kafka kafka;
    private final ShardPushes pushes;
    private final Bug bug;
    private final Map<Destination, Deque<Sent>> waiting = new LinkedHashMap<>();
    private final List<Destination> open = new ArrayList<>();
    private Generation generation = new Generation();
    private boolean failed;

    /** @param pushes sends deliveries to edges */
    Outbound(int partition, Kafka kafka, ShardPushes pushes, Bug bug) {
        this.partition = partition;
        this.kafka = kafka;
        this.pushes = pushes;
        this.bug = bug;
    }

    boolean hasFailed() {
        return failed;
    }

    boolean isEmpty() {
        return open.isEmpty();
    }

    void emit(List<? extends Output> outputs) {
        var byEdge = new LinkedHashMap<EdgeRef, List<DeliveryBatch.Entry>>();
        for (var output : outputs) {
            switch (output) {
                case Output.Fact(var source, var event) -> {
                    var record = new EventCodec.Sourced(source, event);
                    send(new Destination.Events(partition), () -> kafka.appendEvent(partition, record));
                }
                case Output.DeadLetter letter ->
                    send(new Destination.DeadLetters(), () -> kafka.references.get(partition).landed(letter));
                case Output.Push(var source, var edge, var delivery) ->
                    byEdge.computeIfAbsent(edge, _ -> new ArrayList<>())
                            .add(new DeliveryBatch.Entry(source, delivery));
            }
        }
        byEdge.forEach((edge, entries) -> push(edge, new DeliveryBatch(edge.edge(), edge.incarnation(), entries)));
    }

    private void push(EdgeRef edge, DeliveryBatch batch) {
        if (failed) return;
        kafka.pushed(edge, batch);
        if (batch.entries().getFirst().delivery() instanceof Delivery.Redeliver) pushes.pushUnordered(batch);
        else
            pushes.push(batch, LogCodec.deliveries(batch), Map.of());
    }

    /** Begins a new generation; the previous one, which counts the sends since the last turn. */
    Generation turn() {
        var before = generation;
        generation = new Generation();
        return before;
    }

    /** Carries out and acknowledges a request of a random partition; false when there is nothing to send. */
    boolean flush(RandomGenerator random) {
        if (open.isEmpty()) return false;
        var to = open.get(random.nextInt(open.size()));
        var queue = queue(to);
        for (var n = 1 + random.nextInt(MAX_AT_ONCE); n > 0 && !queue.isEmpty(); n--) {
            var sent = queue.removeFirst();
            sent.generation().open--;
            sent.append().run();
        }
        if (queue.isEmpty()) open.remove(to);
        return true;
    }

    /**
     * Lets a request time out. Nothing more is sent, but requests in flight may still arrive. False when there is none.
     */
    boolean fail(RandomGenerator random) {
        if (open.isEmpty()) return false;
        if (bug == Bug.GOES_ON_AFTER_FAILED_PRODUCE) {
            var to = open.get(random.nextInt(open.size()));
            queue(to).removeFirst().generation().open--;
            if (queue(to).isEmpty()) open.remove(to);
            return true;
        }
        close(random);
        return true;
    }

    /** Ends the producer. Each partition may have a request in flight, which may still arrive. */
    void close(RandomGenerator random) {
        failed = true;
        for (var to : open) {
            var batch = queue(to).stream().limit(random.nextInt(1 + MAX_AT_ONCE)).toList();
            if (batch.isEmpty()) continue;
            Runnable request = () -> batch.forEach(sent -> sent.append().run());
            switch (random.nextInt(3)) {
                case 0 -> request.run(); // only the acknowledgement is lost
                case 1 -> kafka.wire.add(request);
                default -> {
                    // lost
                }
            }
        }
        open.clear();
        waiting.clear();
    }

    private void send(Destination to, Runnable append) {
        if (failed) return;
        var queue = queue(to);
        if (queue.isEmpty()) open.add(to);
        queue.addLast(new Sent(append, generation));
        generation.open++;
    }

    private Deque<Sent> queue(Destination to) {
        return waiting.computeIfAbsent(to, _ -> new ArrayDeque<>());
    }
}
