package io.rejoin.bench.scenario;

import io.rejoin.bench.system.Usage;
import java.util.List;

/**
 * Rooms in which members post at an even rate: the cost and the latency of a delivery.
 *
 * @param rate messages a second, over all rooms
 */
public record Steady(String name, PopulationSize crowd, double rate) implements Scenario {
    static final double JOINS_PER_SECOND = 500;
    static final List<Column> COLUMNS = List.of(new Column("CPU µs a delivery", "cpu µs/delivery"),
            new Column("ack p50 / p99 ms", "ack p50 ms", "ack p99 ms"),
            new Column("delivery p50 / p99 ms", "delivery p50 ms", "delivery p99 ms"),
            new Column("lost, doubled, disordered", "lost", "doubled", "out of order"),
            new Column("broker's produce, fetch /s", "requests Produce /s", "requests Fetch /s"));

    @Override
    public String description() {
        return "%,d × %,d (rooms × members), %,.0f messages a second".formatted(crowd.rooms(), crowd.members(), rate);
    }

    @Override
    public List<Column> columns() {
        return COLUMNS;
    }

    @Override
    public Figures measure(Trial trial) {
        trial.open(crowd, JOINS_PER_SECOND);
        var measured = trial.load(rate, trial.pace().window());
        trial.cut();
        return figures(measured);
    }

    static Figures figures(Trial.Measured measured) {
        var outcome = measured.outcome();
        var figures = new Figures();
        cpu(figures, measured.usage(), outcome.deliveries());
        figures.put("ack p50 ms", outcome.ack().p50()).put("ack p99 ms", outcome.ack().p99());
        figures.put("delivery p50 ms", outcome.delivery().p50()).put("delivery p99 ms", outcome.delivery().p99())
                .put("delivery max ms", outcome.delivery().max());
        figures.put("deliveries /s", outcome.deliveries() / outcome.seconds());
        checks(figures, measured);
        broker(figures, measured.usage());
        return figures;
    }

    /** Adds the counts of faults, zeros included, and what may have disturbed the measurement. */
    static Figures checks(Figures figures, Trial.Measured measured) {
        var outcome = measured.outcome();
        figures.put("unsent", outcome.unsent()).put("unanswered", outcome.unanswered()).put("lost", outcome.lost())
                .put("doubled", outcome.doubled()).put("out of order", outcome.outOfOrder())
                .put("foreign", outcome.foreign());
        figures.put("generator late p99 ms", outcome.lateP99()).put("cores of others", measured.coresOfOthers());
        outcome.oddities().forEach((what, count) -> figures.put("odd: " + what, count));
        return figures;
    }

    private static void cpu(Figures figures, Usage usage, long deliveries) {
        figures.put("cpu µs/delivery", usage.micros() / deliveries);
        usage.cpu().forEach(
                (part, time) -> figures.put("cpu " + part + " µs/delivery", time.toNanos() / 1e3 / deliveries));
        figures.put("cores", usage.micros() / 1e6 / usage.seconds());
        figures.put("rss MiB", usage.memory() / IdleSystem.MIB);
    }

    static void broker(Figures figures, Usage usage) {
        usage.requests().forEach((kind, count) -> {
            if (count > 0) figures.put("requests " + kind + " /s", count / usage.seconds());
        });
    }
}
