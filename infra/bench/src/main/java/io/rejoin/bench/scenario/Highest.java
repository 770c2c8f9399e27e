package io.rejoin.bench.scenario;

import java.util.List;
import java.util.stream.IntStream;

/**
 * Finds the highest rate that a system sustains: all messages arrive, once, in order where the system promises that,
 * and 99 of 100 deliveries within 250 ms. The search doubles the rate until it is too high, then bisects.
 *
 * <p>The whole search runs twice, and the second result counts. The rate that ends the doubling is tried twice, because
 * one stall of the machine would end the search far too low.
 */
record Highest(String name, PopulationSize crowd, double first) implements Scenario {
    private static final double MAX_P99_MS = 250;
    private static final double STEP_WARM_UP = 3;
    private static final int HALVINGS = 3;
    private static final int BISECTIONS = 3;
    /** Upper bound of the search: no system on one machine carries so many deliveries a second. */
    private static final double MAX_DELIVERIES = 20e6;

    @Override
    public String description() {
        return "%,d × %,d (rooms × members), highest rate without a loss and with a p99 below %.0f ms"
                .formatted(crowd.rooms(), crowd.members(), MAX_P99_MS);
    }

    @Override
    public List<Column> columns() {
        return List.of(new Column("messages /s", "messages /s"), new Column("deliveries /s", "deliveries /s"),
                new Column("CPU µs a delivery", "cpu µs/delivery"),
                new Column("delivery p50 / p99 ms", "delivery p50 ms", "delivery p99 ms"));
    }

    @Override
    public boolean moreIsBetter() {
        return true;
    }

    @Override
    public Figures measure(Trial trial) {
        trial.open(crowd, Steady.JOINS_PER_SECOND);
        trial.load(first, 1); // warm-up
        new Search(trial).from(first); // warm-up: under its first high load a JVM compiles while it should answer
        var search = new Search(trial);
        search.from(search.lowest());
        trial.cut();
        return search.best();
    }

    /** The search: tries one rate after the other. */
    private final class Search {
        private final Trial trial;
        private Figures best = new Figures();

        Search(Trial trial) {
            this.trial = trial;
        }

        /** Finds a first rate that the system sustains. */
        double lowest() {
            var rate = first;
            for (var n = 0; n < HALVINGS; n++, rate /= 2) if (holds(rate)) return rate;
            throw new IllegalStateException("not even %,.0f messages a second can be sustained".formatted(2 * rate));
        }

        /** Searches for the highest sustained rate, from a sustained one upwards. */
        void from(double sustained) {
            for (var rate = sustained; 2 * rate * crowd.members() < MAX_DELIVERIES; rate *= 2) {
                if (holdsOnceOfTwice(2 * rate)) continue;
                between(rate, 2 * rate);
                return;
            }
        }

        private boolean holdsOnceOfTwice(double rate) {
            return IntStream.range(0, 2).anyMatch(_ -> holds(rate));
        }

        private void between(double held, double tooMuch) {
            var low = held;
            var high = tooMuch;
            for (var n = 0; n < BISECTIONS; n++) {
                var middle = (low + high) / 2;
                if (holds(middle)) low = middle;
                else
                    high = middle;
            }
        }

        /**
         * Whether the system sustains the rate. After a failure all members reconnect, so that messages still under way
         * do not count against the next rate.
         */
        private boolean holds(double rate) {
            var measured = trial.step(rate, STEP_WARM_UP);
            var outcome = measured.outcome();
            var faults = trial.faults(outcome);
            var holds = faults == 0 && outcome.delivery().p99() < MAX_P99_MS;
            System.err.printf("    %,.0f messages a second: p99 %,.1f ms, %,d faults: %s%n", rate,
                    outcome.delivery().p99(), faults, holds ? "sustained" : "not sustained");
            if (holds) best = Steady.figures(measured).put("messages /s", rate);
            else
                trial.reopen(crowd, Steady.JOINS_PER_SECOND);
            return holds;
        }

        Figures best() {
            return best;
        }
    }
}
