package io.rejoin.simulation;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Command;
import io.rejoin.edge.command.Commands;
import io.rejoin.tracing.Step;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/**
 * An edge's command queues, and a model of its idempotent producer with one request in flight. A request that timed
 * out may still arrive, but never after a later one of the same partition: brokers refuse requests out of the
 * producer's order.
 */
final class AppendQueue implements Commands {
    private record Pending(Command.OfRoom command, AppendCallback callback) {}

    /** @param number its place in the producer's order for the partition, from 1 */
    private record Request(int partition, int number, List<Pending> batch) {}

    private static final int MAX_AT_ONCE = 4;

    /** Called for each record that the broker has acknowledged. */
    interface Told {
        void appended(int partition, int offset);
    }

    private final Kafka kafka;
    private final RandomGenerator random;
    private final boolean refuses;
    private final int version;
    private final Told announced;
    private final List<Deque<Pending>> queues = new ArrayList<>();
    private final int[] sent;
    private final int[] arrived;
    private boolean calm;

    /**
     * Creates the queues of an edge.
     *
     * @param refuses whether they refuse commands now and then, as if they were full
     * @param version of the records that the edge writes
     */
    AppendQueue(Kafka kafka, RandomGenerator random, boolean refuses, int version, Told announced) {
        this.announced = announced;
        this.version = version;
        this.kafka = kafka;
        this.random = random;
        this.refuses = refuses;
        this.sent = new int[kafka.partitions()];
        this.arrived = new int[kafka.partitions()];
        for (var p = 0; p < kafka.partitions(); p++) queues.add(new ArrayDeque<>());
    }

    /** From now on the queues refuse no command. */
    void calm() {
        calm = true;
    }

    @Override
    public boolean append(Command.OfRoom command, int bytes, Step parentStep, AppendCallback callback) {
        if (refuses && !calm && random.nextInt(20) == 0) return false;
        queues.get(Topics.partition(command.room(), kafka.partitions())).addLast(new Pending(command, callback));
        return true;
    }

    @Override
    public boolean isClosed() {
        return false;
    }

    /** Appends queued commands of a random partition in one request; false when none is queued there. */
    boolean flush() {
        var partition = random.nextInt(queues.size());
        if (queues.get(partition).isEmpty()) return false;
        var request = take(partition);
        announced.appended(partition, arrives(request));
        for (var pending : request.batch()) pending.callback().onCompletion(null);
        return true;
    }

    /**
     * Lets a request time out: the edge does not learn whether the broker appended the records. False without commands.
     */
    boolean fail() {
        var partition = random.nextInt(queues.size());
        if (queues.get(partition).isEmpty()) return false;
        var request = take(partition);
        mayArrive(request);
        for (var pending : request.batch())
            pending.callback().onCompletion(new TimeoutException("not appended in time"));
        return true;
    }

    /** Drops all commands, as when the edge dies. One request of each partition may still arrive. */
    void close() {
        for (var partition = 0; partition < queues.size(); partition++) {
            if (!queues.get(partition).isEmpty()) mayArrive(take(partition));
            queues.get(partition).clear();
        }
    }

    private void mayArrive(Request request) {
        switch (random.nextInt(3)) {
            case 0 -> arrives(request);
            case 1 -> kafka.wire.add(() -> arrives(request));
            default -> {
                // lost
            }
        }
    }

    /** Appends the record of a request; its offset, or -1 where a later request has arrived before. */
    private int arrives(Request request) {
        if (request.number() <= arrived[request.partition()]) return -1;
        arrived[request.partition()] = request.number();
        return kafka.appendCommands(request.partition(), version,
                request.batch().stream().<Command>map(Pending::command).toList());
    }

    private Request take(int partition) {
        var queue = queues.get(partition);
        var batch = new ArrayList<Pending>();
        for (var n = 1 + random.nextInt(MAX_AT_ONCE); n > 0 && !queue.isEmpty(); n--) batch.add(queue.removeFirst());
        return new Request(partition, ++sent[partition], batch);
    }
}
