package io.rejoin.bench.scenario;

import io.rejoin.bench.system.Candidate;
import java.util.List;

/** One way to use a system, with the figures that are measured. */
public interface Scenario {
    /** Its name on the command line: one word. */
    String name();

    /** Describes in one line what happens, for readers of the table. */
    String description();

    /** The columns of the table, in this order. */
    List<Column> columns();

    /**
     * Runs the scenario once. Leaves the system without connections.
     *
     * @throws IllegalStateException when the system fails, so that there are no figures
     */
    Figures measure(Trial trial);

    /** The most important figure: the last one of the first column. */
    default String headline() {
        return columns().getFirst().figures().getLast();
    }

    /** Whether a higher headline figure is better. */
    default boolean moreIsBetter() {
        return false;
    }

    /** Whether that system supports the scenario. */
    default boolean suits(Candidate candidate) {
        return true;
    }

    /** Whether it needs a system that has done no work since its start. */
    default boolean needsFreshSystem() {
        return false;
    }

    /**
     * A column of the table.
     *
     * @param figures names of one figure, or of several that share a cell
     */
    record Column(String heading, List<String> figures) {
        public Column {
            figures = List.copyOf(figures);
        }

        public Column(String heading, String... figures) {
            this(heading, List.of(figures));
        }
    }
}
