package io.rejoin.simulation;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/**
 * A model of Kafka: the topics, and the requests that are still in flight. Each record and each delivery is checked
 * against the {@link Reference} of its partition.
 */
final class Kafka {
    /** One record in this many is encoded and decoded, to check its wire format. */
    private static final int THROUGH_BYTES = 16;

    final List<Log<CommandRecord>> commands = new ArrayList<>();
    final List<Log<EventCodec.Sourced>> events = new ArrayList<>();
    final List<StateLog> states = new ArrayList<>();
    final List<Reference> references = new ArrayList<>();
    final Wire wire = new Wire();
    private final RandomGenerator random;
    private final Trace trace;
    /** The time of the log, in milliseconds. It may go back a little, as the clocks of brokers do. */
    private long now = 1_750_000_000_000L;

    Kafka(Plan plan, RandomGenerator random, LogModel facts, Trace trace) {
        this.random = random;
        this.trace = trace;
        for (var p = 0; p < plan.partitions(); p++) {
            commands.add(new Log<>());
            events.add(new Log<>());
            states.add(new StateLog(p, plan.bug()));
            references.add(new Reference(p, facts, plan.bug()));
        }
    }

    int partitions() {
        return commands.size();
    }

    /**
     * Appends a record to the command log.
     *
     * @param version the rules version that the record's writer follows
     * @return its offset
     */
    int appendCommands(int partition, int version, List<? extends Command> list) {
        now += random.nextInt(200) - 20;
        var record = new CommandRecord(now, new CommandBatch(version, throughBytes(version, List.copyOf(list))));
        trace.add(() -> "commands[" + partition + "]@" + commands.get(partition).end() + " " + list);
        var offset = commands.get(partition).end();
        commands.get(partition).append(record);
        references.get(partition).appended(record);
        return offset;
    }

    /** The time of the log, in milliseconds. */
    long now() {
        return now;
    }

    /** Lets time pass without an append. */
    void idle(long ms) {
        now += ms;
    }

    /** Lets a day and an hour pass. */
    void leap() {
        now += 25 * 3_600_000L;
    }

    void appendEvent(int partition, EventCodec.Sourced record) {
        trace.add(() -> "events[" + partition + "]@" + events.get(partition).end() + " " + record);
        events.get(partition).append(record);
        references.get(partition).landed(record.source(), record.event());
    }

    /** Checks deliveries that a shard sends to an edge. They go over a stream, not through Kafka. */
    void pushed(EdgeRef edge, DeliveryBatch batch) {
        trace.add(() -> "deliveries for " + edge + " " + batch);
        for (var entry : batch.entries())
            references.get(entry.source().partition()).landed(entry.source(), edge, entry.delivery());
    }

    private List<Command> throughBytes(int version, List<Command> list) {
        if (random.nextInt(THROUGH_BYTES) > 0) return list;
        try {
            return LogCodec.commands(LogCodec.commands(version, list));
        } catch (MalformedRecordException e) {
            throw new IllegalStateException("cannot read commands of this simulation", e);
        }
    }
}
