package io.rejoin.e2e.chaos;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A schedule of faults: when each begins and how long it lasts. The same seed, length, kinds and lanes give the same
 * schedule.
 */
record Schedule(long seed, Duration length, List<Step> steps) {
    Schedule {
        steps = List.copyOf(steps);
    }

    /**
     * A fault of the schedule.
     *
     * @param at    time since the beginning of the run
     * @param lasts how long the fault lasts
     */
    record Step(Duration at, Duration lasts, Fault fault) {
        Duration end() {
            return at.plus(lasts);
        }

        @Override
        public String toString() {
            return "%7.1f s  %-15s %-38s %s".formatted(at.toMillis() / 1e3, fault.kind().label(), fault.target(),
                    lasts.isZero() ? "" : "for %.1f s".formatted(lasts.toMillis() / 1e3));
        }
    }

    @Override
    public String toString() {
        return "schedule of seed " + seed + ": " + steps.size() + " faults in " + length.toSeconds() + " s\n"
                + steps.stream().map(step -> "  " + step).collect(Collectors.joining("\n"));
    }
}
