package io.rejoin.bench.scenario;

import io.rejoin.bench.system.Candidate;
import java.util.List;

/** One way to use a system, and what is measured of it. */
public interface Scenario {
    /** As it is told apart on the command line: one word. */
    String name();

    /** What happens, in a line for readers of the table. */
    String description();

    /** What the table shows, in this order. */
    List<Column> columns();

    /**
     * Does it once; leaves the system as it was, without connections.
     *
     * @throws IllegalStateException when the system does not do its part, so that there are no figures
     */
    Figures measure(Trial trial);

    /** The figure that says most: of the first column, the last. */
    default String headline() {
        return columns().getFirst().figures().getLast();
    }

    /** Whether a higher headline is a better one. */
    default boolean moreIsBetter() {
        return false;
    }

    /** Whether that system can do it. */
    default boolean suits(Candidate candidate) {
        return true;
    }

    /** Whether it wants a system that has done nothing before. */
    default boolean needsFreshSystem() {
        return false;
    }

    /**
     * A column of the table.
     *
     * @param figures names of one, or of several, which are shown in one cell
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
