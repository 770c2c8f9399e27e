package io.rejoin.bench.report;

import io.rejoin.bench.scenario.Figures;
import io.rejoin.bench.scenario.Scenario;
import io.rejoin.bench.system.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** The results as Markdown that is also readable as plain text: a table for each scenario, a row for each system. */
public final class Table {
    /** The figures that are listed below a table for each part of a system. */
    private static final List<Kind> KINDS = List.of(new Kind("cpu", "µs/delivery"), new Kind("cpu", "ms/join"),
            new Kind("cpu", "µs/page"), new Kind("cpu", "cores"), new Kind("rss", "MiB, at first"),
            new Kind("rss", "MiB"),
            new Kind("rss", "KiB/connection"), new Kind("rss", "KiB/connection, collected"));

    private static final double MAX_OF_OTHERS = 0.3;
    private static final double MAX_LATE_MS = 5;

    private final Results results;
    private final StringBuilder text = new StringBuilder();

    private record Kind(String kind, String unit) {}

    private Table(Results results) {
        this.results = results;
    }

    public static String of(Results results) {
        var table = new Table(results);
        results.scenarios().forEach(table::scenario);
        table.systems();
        return table.text.toString();
    }

    private void scenario(Scenario scenario) {
        text.append("**").append(scenario.name()).append("**: ").append(scenario.description()).append("\n\n");
        var rows = new ArrayList<List<String>>();
        var headings = new ArrayList<>(List.of("system"));
        scenario.columns().forEach(column -> headings.add(column.heading()));
        rows.add(headings);
        for (var candidate : results.candidates()) rows.add(row(scenario, candidate));
        append(rows);
        for (var candidate : results.candidates()) parts(scenario, candidate);
        text.append("\n\n");
    }

    private List<String> row(Scenario scenario, Candidate candidate) {
        var row = new ArrayList<>(List.of(candidate.name()));
        var figures = results.median(scenario, candidate);
        for (var column : scenario.columns())
            row.add(figures.map(all -> cell(all, column)).orElse("–"));
        return row;
    }

    private static String cell(Figures figures, Scenario.Column column) {
        if (column.figures().stream().allMatch(name -> Double.isNaN(figures.get(name)))) return "–";
        return column.figures().stream().map(name -> number(figures.get(name))).collect(Collectors.joining(" / "));
    }

    /** Formats a number with about three significant digits; whole numbers and numbers from 100 on without decimals. */
    static String number(double value) {
        if (Double.isNaN(value)) return "–";
        if (value == Math.rint(value) || Math.abs(value) >= 100) return String.format(Locale.ROOT, "%,.0f", value);
        return String.format(Locale.ROOT, Math.abs(value) >= 10 ? "%.1f" : "%.2f", value);
    }

    /** Adds the lines below the table: CPU time and memory of each part, and what went wrong. */
    private void parts(Scenario scenario, Candidate candidate) {
        results.median(scenario, candidate).ifPresent(figures -> {
            for (var kind : KINDS) parts(candidate, figures, kind.kind(), kind.unit());
            figures.values().forEach((name, value) -> {
                if (name.startsWith("odd: ") || (isFault(name) && value > 0))
                    text.append("\n- ").append(candidate.name()).append(": ").append(name).append(' ')
                            .append(number(value));
            });
        });
        results.median(scenario, candidate).ifPresent(figures -> disturbed(candidate, figures));
        results.failure(scenario, candidate)
                .ifPresent(why -> text.append("\n- ").append(candidate.name()).append(" failed: ").append(why));
    }

    private void parts(Candidate candidate, Figures figures, String kind, String unit) {
        var parts = figures.parts(kind, unit);
        if (parts.isEmpty()) return;
        text.append("\n- ").append(candidate.name()).append(", ").append(kind).append(' ').append(unit).append(": ")
                .append(parts.stream().map(part -> part + " " + number(figures.get(kind + " " + part + " " + unit)))
                        .collect(Collectors.joining(", ")));
    }

    /** Adds a warning when other work on the machine disturbed the measurement. */
    private void disturbed(Candidate candidate, Figures figures) {
        if (figures.get("cores of others") > MAX_OF_OTHERS || figures.get("generator late p99 ms") > MAX_LATE_MS)
            text.append("\n- ").append(candidate.name()).append(" was disturbed: other processes kept ")
                    .append(number(figures.get("cores of others"))).append(" cores busy, the generator was late by ")
                    .append(number(figures.get("generator late p99 ms"))).append(" ms (p99)");
    }

    private static boolean isFault(String name) {
        return List.of("unsent", "unanswered", "foreign").contains(name);
    }

    private void systems() {
        for (var candidate : results.candidates())
            text.append("- `").append(candidate.name()).append("`: ").append(candidate.description())
                    .append(candidate.missing().map(why -> "; left out: " + why).orElse("")).append('\n');
    }

    /** Writes a table whose columns are as wide as their widest cell. */
    private void append(List<List<String>> rows) {
        var widths = new int[rows.getFirst().size()];
        for (var row : rows)
            for (var n = 0; n < widths.length; n++) widths[n] = Math.max(widths[n], row.get(n).length());
        for (var n = 0; n < rows.size(); n++) {
            line(rows.get(n), widths, ' ');
            if (n == 0) line(rows.getFirst().stream().map(_ -> "").toList(), widths, '-');
        }
    }

    private void line(List<String> cells, int[] widths, char filling) {
        for (var n = 0; n < widths.length; n++) {
            text.append(n == 0 ? "| " : " | ").append(cells.get(n));
            text.repeat(filling, widths[n] - cells.get(n).length());
        }
        text.append(" |\n");
    }
}
