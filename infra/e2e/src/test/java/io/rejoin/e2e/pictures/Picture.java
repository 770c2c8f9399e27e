package io.rejoin.e2e.pictures;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.BasicStroke;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.awt.RenderingHints;
import java.awt.geom.Path2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.IntStream;
import javax.imageio.ImageIO;

/** Draws dashboards over a time range, 1,680 pixels wide. */
public final class Picture {
    private static final int WIDTH = 1680;
    private static final int HEADING = 44;
    private static final int INSET = 10;
    private static final int TITLE = 30;

    private final long from;
    private final long to;
    private final String rateInterval;
    private final Function<String, JsonNode> prometheus;

    /**
     * @param from         in seconds since 1970, like {@code to}
     * @param rateInterval the value that Grafana would choose, {@code 1m} for example
     * @param prometheus   evaluates an expression over that time range and returns a matrix
     */
    public Picture(long from, long to, String rateInterval, Function<String, JsonNode> prometheus) {
        this.from = from;
        this.to = to;
        this.rateInterval = rateInterval;
        this.prometheus = prometheus;
    }

    /** Writes the picture of a dashboard into the folder, as a PNG with the dashboard's name. */
    public Path draw(Dashboard dashboard, Path folder) throws IOException {
        var height = dashboard.panels().stream().map(panel -> panel.grid().pixels(WIDTH, HEADING))
                .mapToInt(place -> place.y + place.height).max().orElse(HEADING) + Grid.GAP;
        var image = new BufferedImage(WIDTH, height, BufferedImage.TYPE_INT_RGB);
        var g = image.createGraphics();
        try {
            g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
            g.setRenderingHint(RenderingHints.KEY_TEXT_ANTIALIASING, RenderingHints.VALUE_TEXT_ANTIALIAS_ON);
            g.setColor(Look.PAGE);
            g.fillRect(0, 0, WIDTH, height);
            g.setColor(Look.TEXT);
            g.setFont(Look.HEADING);
            g.drawString(dashboard.title(), 2 * Grid.GAP, 29);
            for (var panel : dashboard.panels()) draw(panel, g, panel.grid().pixels(WIDTH, HEADING));
        } finally {
            g.dispose();
        }
        var file = Files.createDirectories(folder).resolve(dashboard.name() + ".png");
        ImageIO.write(image, "png", file.toFile());
        return file;
    }

    private void draw(Panel panel, Graphics2D g, Rectangle place) {
        switch (panel.kind()) {
            case ROW -> write(g, "▾ " + panel.title(), place.x, place.y + 20, place.width);
            case STAT -> drawStat(panel, g, place);
            case TIMESERIES -> drawLines(panel, g, place);
        }
    }

    private List<Line> lines(Panel panel) {
        var lines = new ArrayList<Line>();
        for (var query : panel.queries())
            lines.addAll(Line.of(prometheus.apply(query.expression(rateInterval)), query.legend()));
        return lines;
    }

    /** Draws the last value above a small graph of all values. Several lines have their names above. */
    private void drawStat(Panel panel, Graphics2D g, Rectangle place) {
        var lines = lines(panel).stream().filter(line -> line.last().isPresent()).toList();
        box(panel, g, place);
        if (lines.isEmpty()) nothing(g, place);
        for (var i = 0; i < lines.size(); i++) {
            var part = new Rectangle(place.x + i * place.width / lines.size(), place.y + TITLE,
                    place.width / lines.size(), place.height - TITLE);
            drawValue(panel, lines.get(i), lines.size() > 1, g, part);
        }
    }

    private void drawValue(Panel panel, Line line, boolean named, Graphics2D g, Rectangle part) {
        var value = line.last().orElseThrow();
        var color = Look.named(panel.color(value));
        if (panel.colored()) {
            g.setColor(color.darker());
            g.fillRect(part.x + 1, part.y, part.width - 2, part.height - 1);
        }
        course(line, g, part);
        g.setColor(panel.colored() ? Color.WHITE : color);
        g.setFont(Look.NUMBER);
        var text = panel.unit().format(value, panel.decimals());
        g.drawString(text, part.x + (part.width - g.getFontMetrics().stringWidth(text)) / 2,
                part.y + part.height / 2 + 12);
        if (named) write(g, line.name(), part.x + INSET, part.y + 16, part.width - 2 * INSET);
    }

    private void course(Line line, Graphics2D g, Rectangle part) {
        var most = line.points().stream().mapToDouble(Line.Point::value).max().orElse(0);
        var path = new Path2D.Double();
        for (var point : line.points()) {
            var x = part.x + (point.second() - from) / (double) (to - from) * part.width;
            var y = part.y + part.height - 2 - (most <= 0 ? 0 : point.value() / most * part.height * 0.3);
            if (path.getCurrentPoint() == null) path.moveTo(x, y);
            else
                path.lineTo(x, y);
        }
        g.setColor(new Color(255, 255, 255, 120));
        g.draw(path);
    }

    private void drawLines(Panel panel, Graphics2D g, Rectangle place) {
        var lines = lines(panel);
        box(panel, g, place);
        if (lines.stream().allMatch(line -> line.points().isEmpty())) {
            nothing(g, place);
            return;
        }
        var named = IntStream.range(0, lines.size()).boxed()
                .filter(i -> !panel.hidesZeros() || !lines.get(i).isZero()).toList();
        var inner = new Rectangle(place.x + INSET, place.y + TITLE, place.width - 2 * INSET,
                place.height - TITLE - INSET / 2);
        g.setFont(Look.SMALL);
        var legend = Legend.of(named.stream().map(i -> lines.get(i).name()).toList(), g.getFontMetrics()::stringWidth,
                inner.width, inner.height);
        var plot = new Rectangle(inner.x, inner.y, inner.width, inner.height - legend.height());
        Plot.draw(panel, panel.stacked() ? Line.stacked(lines) : lines, from, to, g, plot);
        for (var name : legend.places()) {
            var line = named.get(name.index());
            var base = plot.y + plot.height + name.row() * Legend.ROW + 15;
            g.setColor(Look.ofLine(panel, line, lines.get(line).name()));
            g.fillRect(inner.x + name.mark(), base - 6, 12, 4);
            write(g, lines.get(line).name(), inner.x + name.x(), base, inner.width - name.x());
        }
        if (legend.left() > 0) write(g, "+ " + legend.left() + " more", place.x + place.width - 70, place.y + 20, 60);
    }

    private static void box(Panel panel, Graphics2D g, Rectangle place) {
        g.setColor(Look.PANEL);
        g.fillRect(place.x, place.y, place.width, place.height);
        g.setStroke(new BasicStroke(1)); // a plot leaves its own stroke set
        g.setColor(Look.BORDER);
        g.drawRect(place.x, place.y, place.width, place.height);
        g.setFont(Look.TITLE);
        var sign = panel.description().isEmpty() ? 0 : 24;
        var title = Legend.fitted(panel.title(), g.getFontMetrics()::stringWidth, place.width - 2 * INSET - sign);
        g.setColor(Look.TEXT);
        g.drawString(title, place.x + INSET, place.y + 20);
        if (sign == 0) return;
        g.setColor(Look.FAINT);
        var left = place.x + INSET + g.getFontMetrics().stringWidth(title) + 8;
        g.drawOval(left, place.y + 9, 13, 13);
        g.drawString("i", left + 5, place.y + 20);
    }

    private static void nothing(Graphics2D g, Rectangle place) {
        g.setColor(Look.FAINT);
        g.setFont(Look.TITLE);
        g.drawString("No data", place.x + place.width / 2 - 25, place.y + place.height / 2 + 12);
    }

    private static void write(Graphics2D g, String text, int x, int y, int room) {
        g.setColor(Look.TEXT);
        g.setFont(Look.SMALL);
        g.drawString(Legend.fitted(text, g.getFontMetrics()::stringWidth, room), x, y);
    }
}
