package io.rejoin.e2e.chaos;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What a run has to tell beside what clients saw. Safe for any thread. */
final class RunReport {
    private static final int SHOWN = 3;

    private final Schedule schedule;
    private final Site site;
    private final Map<Kind, Integer> faults = new EnumMap<>(Kind.class);
    private final List<String> problems = new ArrayList<>();
    private final List<String> lines = new ArrayList<>();
    private List<Trend> trends = List.of();
    private long skipped;

    RunReport(Schedule schedule, Site site) {
        this.schedule = schedule;
        this.site = site;
    }

    synchronized void began(Fault fault) {
        faults.merge(fault.kind(), 1, Integer::sum);
    }

    /** Something for which the run does not count as passed. */
    synchronized void problem(String text) {
        problems.add(text);
    }

    synchronized void trends(List<Trend> measured) {
        trends = List.copyOf(measured);
    }

    synchronized void skipped(long messages) {
        skipped = messages;
    }

    /** Whether nothing happened that should not, as far as this knows. */
    synchronized boolean isClean() {
        return problems.isEmpty();
    }

    /** Gathers what the site has to say, while it is there. */
    synchronized RunReport finished() {
        var made = faults.values().stream().mapToInt(Integer::intValue).sum();
        lines.add("seed " + schedule.seed() + ": " + made + " faults in " + schedule.length().toSeconds() + " s: "
                + faults.entrySet().stream().map(entry -> entry.getValue() + " " + entry.getKey().label())
                        .collect(Collectors.joining(", ")));
        if (skipped > 0) lines.add(skipped + " messages were not offered: their member already had too many open");
        section("what no fault had meant to happen", site.supervisor().notes());
        section("problems", problems);
        errors();
        // what was restarted just now says nothing of leaks
        var soak = schedule.steps().isEmpty();
        section("use", trends.stream().map(soak ? Trend::judged : Trend::toString).toList());
        return this;
    }

    private void errors() {
        var logs = new ServiceLogs(site.folder());
        Stream.concat(Part.SERVICES.stream().map(Part::label), Stream.of("router-guest")).forEach(name -> {
            var errors = logs.errors(name);
            if (errors.isEmpty()) return;
            section(errors.size() + " lines of level ERROR from " + name + ", the first",
                    errors.subList(0, Math.min(SHOWN, errors.size())));
        });
    }

    private void section(String title, List<String> content) {
        if (content.isEmpty()) return;
        lines.add(title + ":");
        content.forEach(line -> lines.add("  " + line));
    }

    @Override
    public synchronized String toString() {
        return String.join("\n", lines);
    }
}
