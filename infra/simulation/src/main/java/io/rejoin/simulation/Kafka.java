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

/** The topics, and the requests that are still on their way to them. What is appended is checked against the reference. */
final class Kafka {
    /** One record in so many passes through its wire format. */
    private static final int THROUGH_BYTES = 16;

    final List<Log<CommandRecord>> commands = new ArrayList<>();
    final List<Log<EventCodec.Sourced>> events = new ArrayList<>();
    final List<StateLog> states = new ArrayList<>();
    final List<Reference> references = new ArrayList<>();
    final Wire wire = new Wire();
    private final RandomGenerator random;
    private final Trace trace;
    /** The time of the log, in milliseconds; as brokers' clocks do, it may go back a little. */
    private long now = 1_750_000_000_000L;

    Kafka(Plan plan, RandomGenerator random, Facts facts, Trace trace) {
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
     * Appends a record.
     *
     * @param version by which the record's writer goes
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

    /** The time of the log. */
    long now() {
        return now;
    }

    /** Nothing is appended, and yet time goes on. */
    void idle(long ms) {
        now += ms;
    }

    /** A day and an hour pass. */
    void leap() {
        now += 25 * 3_600_000L;
    }

    void appendEvent(int partition, EventCodec.Sourced record) {
        trace.add(() -> "events[" + partition + "]@" + events.get(partition).end() + " " + record);
        events.get(partition).append(record);
        references.get(partition).landed(record.source(), record.event());
    }

    /** Deliveries are said to an edge. */
    void pushed(EdgeRef edge, DeliveryBatch batch) {
        trace.add(() -> "said to " + edge + " " + batch);
        for (var entry : batch.entries())
            references.get(entry.source().partition()).landed(entry.source(), edge, entry.delivery());
    }

    private List<Command> throughBytes(int version, List<Command> list) {
        if (random.nextInt(THROUGH_BYTES) > 0) return list;
        try {
            return LogCodec.commands(LogCodec.commands(version, list));
        } catch (MalformedRecordException e) {
            throw new IllegalStateException("commands that we wrote", e);
        }
    }
}
