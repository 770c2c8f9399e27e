package io.rejoin.e2e.check;

import static java.util.stream.Collectors.groupingBy;
import static java.util.stream.Collectors.toList;

import io.rejoin.e2e.check.Violation.Kind;
import java.time.Duration;
import java.util.Collections;
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
     * @param begin            milliseconds since the run began
     * @param end              the same; of the run, if the fault has none
     * @param metTraffic       whether something was sent while it lasted
     * @param longestWait      of a message for its ack, of those that waited at some moment of the fault
     * @param ackedAfterEnd    until the last message that waited at its end had its ack
     * @param okAfterEnd       until the first ack of any message
     * @param deliveryAfterEnd until the first message came to anybody
     */
    public record Recovery(String kind, String target, long begin, long end, boolean metTraffic, Duration longestWait,
            Duration ackedAfterEnd, @Nullable Duration okAfterEnd, @Nullable Duration deliveryAfterEnd) {
        /** What was done to which sort of thing: of an edge for instance, whichever it was. */
        String sort() {
            return kind + " " + target.replaceAll("-\\d+| by .*| \\(.*\\)", "");
        }
    }

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
        text.append("Faults (ms; - is never)\n  %-46s %8s %8s %9s %9s %9s %9s%n".formatted("", "at", "for", "wait",
                "wait/end", "ok/end", "dlv/end"));
        for (var each : recoveries) {
            text.append("  %-46s %8d %8d %9s %9s %9s %9s%s%n".formatted(each.kind + " " + each.target, each.begin,
                    each.end - each.begin, ms(each.longestWait), ms(each.ackedAfterEnd), ms(each.okAfterEnd),
                    ms(each.deliveryAfterEnd), each.metTraffic ? "" : "  (nothing was sent meanwhile)"));
        }
        waits(text);
    }

    private void waits(StringBuilder text) {
        text.append("""
                Longest wait of a message for its ack, over each fault and beyond its end (ms; of faults that overlap, all
                that waited count for each)
                  %-46s %8s %9s %9s %9s
                """.formatted("", "faults", "longest", "beyond", "median"));
        var sorts = recoveries.stream().collect(groupingBy(Recovery::sort, TreeMap::new, toList()));
        sorts.forEach((sort, all) -> {
            var beyond = all.stream().map(Recovery::ackedAfterEnd).sorted().toList();
            text.append("  %-46s %8d %9s %9s %9s%n".formatted(sort, all.size(),
                    ms(Collections.max(all.stream().map(Recovery::longestWait).toList())), ms(beyond.getLast()),
                    ms(beyond.get(beyond.size() / 2))));
        });
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
