package io.rejoin.bench.scenario;

import java.util.List;

/** A crowd in which some members never read what they receive. Measures what the other members notice of that. */
record Stalled() implements Scenario {
    private static final int READERS = 1_000;
    private static final List<Integer> STALLED = List.of(0, 1, 1_000);
    private static final double RATE = 100;

    @Override
    public String name() {
        return "stalled";
    }

    @Override
    public String description() {
        return "1 × %,d at %,.0f messages a second, and in the same room none, one and %,d more who never read"
                .formatted(READERS, RATE, STALLED.getLast());
    }

    @Override
    public List<Column> columns() {
        return STALLED.stream().map(count -> new Column("p50 / p99 ms, %,d stalled".formatted(count),
                figure("p50", count), figure("p99", count))).toList();
    }

    private static String figure(String percentile, int stalled) {
        return "delivery %s ms, %d stalled".formatted(percentile, stalled);
    }

    @Override
    public String headline() {
        return figure("p99", STALLED.getLast());
    }

    @Override
    public Figures measure(Trial trial) {
        // Without this, the first figure would be that of code that is not compiled yet.
        trial.rehearse(() -> crowd(trial, 0));
        var figures = new Figures();
        for (var stalled : STALLED) {
            var measured = crowd(trial, stalled);
            var outcome = measured.outcome();
            figures.put(figure("p50", stalled), outcome.delivery().p50())
                    .put(figure("p99", stalled), outcome.delivery().p99())
                    .put("faults, %d stalled".formatted(stalled), outcome.faults())
                    .put("cpu µs/delivery, %d stalled".formatted(stalled),
                            measured.usage().micros() / outcome.deliveries());
            outcome.oddities()
                    .forEach((what, count) -> figures.put("odd: " + what + ", " + stalled + " stalled", count));
        }
        return figures;
    }

    private static Trial.Measured crowd(Trial trial, int stalled) {
        trial.open(new PopulationSize(1, READERS, 0, stalled), Steady.JOINS_PER_SECOND);
        var measured = trial.load(RATE, trial.pace().window());
        trial.cut();
        return measured;
    }
}
