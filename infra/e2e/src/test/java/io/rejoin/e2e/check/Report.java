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
 * Result of a check.
 *
 * @param counts          of observations: sends, oks, fails, unknowns, deliveries, ...
 * @param recoveries      one for each fault
 * @param longestPresence the longest time that a user was shown wrongly to a member
 * @param totals          numbers of all violations by kind
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
     * Effect of one fault. A duration is null when there was no such event after the fault.
     *
     * @param begin            milliseconds since the run began
     * @param end              milliseconds since the run began; the end of the run if the fault has no end
     * @param metTraffic       whether a message was sent during the fault
     * @param longestWait      longest wait for an ack, of the messages that waited at some moment of the fault
     * @param ackedAfterEnd    from the end of the fault until all messages that waited then had their acks
     * @param okAfterEnd       from the end of the fault until the first ack of any message
     * @param deliveryAfterEnd from the end of the fault until the first delivery to any client
     */
    public record Recovery(String kind, String target, long begin, long end, boolean metTraffic, Duration longestWait,
            Duration ackedAfterEnd, @Nullable Duration okAfterEnd, @Nullable Duration deliveryAfterEnd) {
        /** The kind and the sort of target, without numbers: for example any edge. */
        String sort() {
            return kind + " " + target.replaceAll("-\\d+| by .*| \\(.*\\)", "");
        }
    }

    public boolean isClean() {
        return totals.isEmpty();
    }

    /** The exit code of a program: 0 when clean, else 1. */
    public int exitStatus() {
        return isClean() ? 0 : 1;
    }

    /** A counter of {@link #counts}; 0 when it does not exist. */
    public long count(String what) {
        return counts.getOrDefault(what, 0L);
    }

    /** The report as text for people. */
    public String text() {
        var text = new StringBuilder("History\n");
        counts.forEach((what, count) -> text.append("  %-40s %,12d%n".formatted(what, count)));
        text.append("  %-40s %,9d ms%n".formatted("longest wrong presence of a user", longestPresence.toMillis()));
        faults(text);
        violations(text);
        return text.toString();
    }

    private void faults(StringBuilder text) {
        if (recoveries.isEmpty()) return;
        text.append("Faults (ms; -: never)\n  %-46s %8s %8s %9s %9s %9s %9s%n".formatted("", "begin", "length",
                "ack wait", "all acked", "first ack", "delivery"));
        for (var each : recoveries) {
            text.append("  %-46s %8d %8d %9s %9s %9s %9s%s%n".formatted(each.kind + " " + each.target, each.begin,
                    each.end - each.begin, ms(each.longestWait), ms(each.ackedAfterEnd), ms(each.okAfterEnd),
                    ms(each.deliveryAfterEnd), each.metTraffic ? "" : "  (no post during the fault)"));
        }
        waits(text);
    }

    private void waits(StringBuilder text) {
        text.append("""
                Waits for acks, in ms. longest: the longest wait of a message. after end: the longest time from the
                end of a fault until all messages that waited then had their acks. median: the median of that time.
                If faults overlap, a message counts for each of them
                  %-46s %8s %9s %9s %9s
                """.formatted("", "faults", "longest", "after end", "median"));
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
            text.append("Clean: all checked guarantees hold.\n");
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
