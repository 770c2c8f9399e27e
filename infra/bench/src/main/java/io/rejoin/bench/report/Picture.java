package io.rejoin.bench.report;

import io.rejoin.bench.scenario.Scenario;
import io.rejoin.bench.system.Candidate;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * The results as an SVG: a panel for each scenario with its headline figure, a bar for each system. Readable on light
 * and dark pages.
 */
public final class Picture {
    private static final int PANELS_ACROSS = 2;
    private static final int PANEL = 430;
    private static final int HEAD = 60;
    private static final int LINE = 15;
    private static final int CHARACTERS = 64;
    private static final int ROW = 20;
    private static final int NAME = 128;
    private static final int BAR = 210;
    private static final int GAP = 18;

    private final Results results;
    private final StringBuilder svg = new StringBuilder();

    /**
     * A bar of a system that has a value.
     *
     * @param lost number of lost messages, shown beside the bar: a system that is fast because it drops messages must
     *             not look better
     */
    private record Bar(Candidate candidate, double value, double lost) {
        String label() {
            return Table.number(value) + (lost > 0 ? ", lost " + Table.number(lost) : "");
        }
    }

    private Picture(Results results) {
        this.results = results;
    }

    /**
     * Draws the picture. With several systems, it shows only scenarios for which at least two have a figure; others
     * compare nothing.
     */
    public static String of(Results results, Machine machine) {
        return new Picture(results).draw(machine);
    }

    private String draw(Machine machine) {
        var rows = results.candidates().size();
        var fewest = Math.min(2, rows);
        var panels = results.scenarios().stream().filter(scenario -> bars(scenario).size() >= fewest).toList();
        var height = HEAD + ROW * rows + GAP;
        var all = Math.ceilDiv(panels.size(), PANELS_ACROSS) * height + 2 * GAP;
        svg.append("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="system-ui, sans-serif" font-size="12">
                <style>
                  rect.page { fill: #ffffff } text { fill: #1f2328 } text.quiet { fill: #656d76 }
                  rect.ours { fill: #0969da } rect.other { fill: #afb8c1 }
                  @media (prefers-color-scheme: dark) {
                    rect.page { fill: #0d1117 } text { fill: #e6edf3 } text.quiet { fill: #8b949e }
                    rect.ours { fill: #4493f8 } rect.other { fill: #57606a }
                  }
                </style>
                <rect class="page" width="100%%" height="100%%"/>
                """.formatted(PANELS_ACROSS * PANEL + GAP, all));
        for (var n = 0; n < panels.size(); n++)
            panel(panels.get(n), GAP + n % PANELS_ACROSS * PANEL, GAP + n / PANELS_ACROSS * height);
        text(GAP, all - GAP / 2, "quiet", "medians; %d processors, %s; %s".formatted(machine.processors(),
                machine.model(), machine.began().replaceAll("T.*", "")));
        return svg.append("</svg>\n").toString();
    }

    private List<Bar> bars(Scenario scenario) {
        var bars = new ArrayList<Bar>();
        for (var candidate : results.candidates())
            results.median(scenario, candidate)
                    .map(figures -> new Bar(candidate, figures.get(scenario.headline()), figures.get("lost")))
                    .filter(bar -> Double.isFinite(bar.value())).ifPresent(bars::add);
        return bars;
    }

    private void panel(Scenario scenario, int x, int y) {
        text(x, y + 12, "title", scenario.headline() + (scenario.moreIsBetter() ? ", more is better" : ""));
        var lines = lines(scenario.name() + ": " + scenario.description());
        for (var n = 0; n < lines.size(); n++) text(x, y + 29 + n * LINE, "quiet", lines.get(n));
        var bars = bars(scenario);
        var most = bars.stream().mapToDouble(Bar::value).max().orElse(1);
        for (var n = 0; n < bars.size(); n++) bar(bars.get(n), most, x, y + HEAD + n * ROW);
    }

    private void bar(Bar bar, double most, int x, int y) {
        var width = most <= 0 ? 0 : Math.max(1, BAR * bar.value() / most);
        text(x, y + 11, "name", bar.candidate().name());
        svg.append(String.format(Locale.ROOT,
                "<rect class=\"%s\" x=\"%d\" y=\"%d\" width=\"%.1f\" height=\"14\" rx=\"2\"/>%n",
                bar.candidate().isOurs() ? "ours" : "other", x + NAME, y, width));
        text((int) (x + NAME + width + 6), y + 11, "value", bar.label());
    }

    /** Breaks the text into lines that fit a panel. */
    private static List<String> lines(String text) {
        var lines = new ArrayList<String>();
        var line = new StringBuilder();
        for (var word : text.split(" ", -1)) {
            if (line.length() + word.length() > CHARACTERS) {
                lines.add(line.toString());
                line.setLength(0);
            }
            line.append(line.isEmpty() ? "" : " ").append(word);
        }
        lines.add(line.toString());
        return lines;
    }

    private void text(int x, int y, String kind, String text) {
        svg.append("<text class=\"%s\" x=\"%d\" y=\"%d\"%s>%s</text>%n".formatted(kind, x, y,
                kind.equals("title") ? " font-weight=\"600\"" : "",
                text.replace("&", "&amp;").replace("<", "&lt;")));
    }
}
