package io.rejoin.e2e.check;

import io.rejoin.e2e.check.Violation.Kind;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What the checker found.
 *
 * @param counts          of what was seen: sends, oks, fails, unknowns, deliveries, ...
 * @param recoveries      one for each fault
 * @param longestPresence the longest that a user was shown wrongly to a member
 * @param totals          of all violations by kind
 * @param violations      the first 20 of each kind
 */
public record Report(Map<String, Long> counts, List<Recovery> recoveries, Duration longestPresence,
        Map<Kind, Long> totals, List<Violation> violations) {
    public Report {
        counts = new TreeMap<>(counts);
        recoveries = List.copyOf(recoveries);
        totals = new TreeMap<>(totals);
        violations = List.copyOf(violations);
    }

    /**
     * What one fault meant. A duration is null when there was no such thing any more.
     *
     * @param begin          milliseconds since the run began
     * @param end            the same; of the run, if the fault has none
     * @param metTraffic     whether something was sent while it lasted
     * @param longestSilence without an ok while something was sent, overlapping the fault
     */
    public record Recovery(String kind, String target, long begin, long end, boolean metTraffic,
            @Nullable Duration okAfterBegin, @Nullable Duration okAfterEnd, @Nullable Duration deliveryAfterBegin,
            @Nullable Duration deliveryAfterEnd, Duration longestSilence) {}

    public boolean isClean() {
        return totals.isEmpty();
    }

    /** For a process: 0 when clean. */
    public int exitStatus() {
        return isClean() ? 0 : 1;
    }

    /** Of something in {@link #counts}; 0 when there was none. */
    public long count(String what) {
        return counts.getOrDefault(what, 0L);
    }

    /** All of it, for a person. */
    public String text() {
        var text = new StringBuilder("History\n");
        counts.forEach((what, count) -> text.append("  %-40s %,12d%n".formatted(what, count)));
        text.append("  %-40s %,9d ms%n".formatted("a user shown wrongly, at most", longestPresence.toMillis()));
        faults(text);
        violations(text);
        return text.toString();
    }

    private void faults(StringBuilder text) {
        if (recoveries.isEmpty()) return;
        text.append("Faults (ms; - is never)\n  %-40s %8s %8s %9s %9s %9s %9s %9s%n".formatted("", "at", "for",
                "no ok", "ok/begin", "ok/end", "dlv/begin", "dlv/end"));
        for (var each : recoveries) {
            text.append("  %-40s %8d %8d %9s %9s %9s %9s %9s%s%n".formatted(each.kind + " " + each.target, each.begin,
                    each.end - each.begin, ms(each.longestSilence), ms(each.okAfterBegin), ms(each.okAfterEnd),
                    ms(each.deliveryAfterBegin), ms(each.deliveryAfterEnd),
                    each.metTraffic ? "" : "  (nothing was sent meanwhile)"));
        }
        var worst = new TreeMap<String, Duration>();
        recoveries.forEach(each -> worst.merge(each.kind, each.longestSilence,
                (one, other) -> one.compareTo(other) > 0 ? one : other));
        text.append("Longest time without an ok\n");
        worst.forEach((kind, silence) -> text.append("  %-40s %,9d ms%n".formatted(kind, silence.toMillis())));
    }

    private void violations(StringBuilder text) {
        if (isClean()) {
            text.append("Clean: every promise that was checked was kept.\n");
            return;
        }
        text.append("VIOLATIONS\n");
        totals.forEach((kind, total) -> text.append("  %-40s %,12d%n".formatted(kind, total)));
        for (var violation : violations) {
            text.append(violation.kind()).append(": ").append(violation.what()).append('\n');
            violation.proof().forEach(line -> text.append("    ").append(line).append('\n'));
        }
    }

    private static String ms(@Nullable Duration duration) {
        return duration == null ? "-" : String.valueOf(duration.toMillis());
    }
}
