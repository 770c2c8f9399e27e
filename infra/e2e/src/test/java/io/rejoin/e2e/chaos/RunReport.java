package io.rejoin.e2e.chaos;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Report of a run, besides the clients' observations. Safe for any thread. */
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

    /** Adds a problem; the run then counts as failed. */
    synchronized void problem(String text) {
        problems.add(text);
    }

    synchronized void trends(List<Trend> measured) {
        trends = List.copyOf(measured);
    }

    synchronized void skipped(long messages) {
        skipped = messages;
    }

    /** Whether there are no problems. */
    synchronized boolean isClean() {
        return problems.isEmpty();
    }

    /** Completes the report; call it while the site still runs. */
    synchronized RunReport finished() {
        var made = faults.values().stream().mapToInt(Integer::intValue).sum();
        lines.add("seed " + schedule.seed() + ": " + made + " faults in " + schedule.length().toSeconds() + " s: "
                + faults.entrySet().stream().map(entry -> entry.getValue() + " " + entry.getKey().label())
                        .collect(Collectors.joining(", ")));
        if (skipped > 0) lines.add(skipped + " messages were not sent: their member waited for too many answers");
        section("events that no fault intended", site.supervisor().notes());
        section("problems", problems);
        errors();
        // only a soak judges growth: a recently restarted process says nothing about leaks
        var soak = schedule.steps().isEmpty();
        section("resources", trends.stream().map(soak ? Trend::judged : Trend::toString).toList());
        return this;
    }

    private void errors() {
        var logs = new ServiceLogs(site.folder());
        Stream.concat(Part.SERVICES.stream().map(Part::label), Stream.of("router-guest")).forEach(name -> {
            var errors = logs.errors(name);
            if (errors.isEmpty()) return;
            section(errors.size() + " lines of level ERROR in the log of " + name + ", the first ones",
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
