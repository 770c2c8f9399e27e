package io.rejoin.tools;

import java.io.PrintWriter;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import picocli.CommandLine.Option;

/** The option that limits how many items of each list are shown. */
final class Limit {
    private static final int MAX = 100_000;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "Shows the first N of each list; up to "
            + MAX
            + ". Default: ${DEFAULT-VALUE}")
    private int limit;

    void check(KafkaCommand command) {
        if (limit < 1 || limit > MAX) throw command.wrong("--limit must be from 1 to " + MAX);
    }

    <T> List<T> of(Collection<T> all) {
        return all.stream().limit(limit).toList();
    }

    /**
     * Formats how many of all items are left out.
     *
     * @param text with {@code %d} for the number
     * @return empty if no item is left out
     */
    String leftOut(int all, String text) {
        return all <= limit ? "" : String.format(Locale.ROOT, text, all - limit);
    }

    void sayLeftOut(PrintWriter out, int all, String what) {
        if (all > limit) out.println((all - limit) + " more " + what + " are not shown; raise --limit");
    }
}
