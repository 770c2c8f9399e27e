package io.rejoin.e2e.pictures;

import java.awt.BasicStroke;
import java.awt.Graphics2D;
import java.awt.Rectangle;
import java.text.FieldPosition;
import java.text.NumberFormat;
import java.text.ParsePosition;
import java.text.SimpleDateFormat;
import java.util.DoubleSummaryStatistics;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.TimeZone;
import org.jfree.chart.JFreeChart;
import org.jfree.chart.axis.DateAxis;
import org.jfree.chart.axis.LogAxis;
import org.jfree.chart.axis.NumberAxis;
import org.jfree.chart.axis.NumberTickUnit;
import org.jfree.chart.axis.TickUnits;
import org.jfree.chart.axis.ValueAxis;
import org.jfree.chart.plot.ValueMarker;
import org.jfree.chart.plot.XYPlot;
import org.jfree.chart.renderer.xy.XYLineAndShapeRenderer;
import org.jfree.chart.ui.RectangleInsets;
import org.jfree.data.xy.XYSeries;
import org.jfree.data.xy.XYSeriesCollection;

/** Draws the axes and lines of a panel, with JFreeChart. */
final class Plot {
    /** A line is broken after more than this many steps of the query without a value. */
    private static final int HOLE = 2;

    /** Space for the upper half of the highest axis label, in pixels. */
    private static final int TOP = 8;

    private Plot() {}

    static void draw(Panel panel, List<Line> lines, long from, long to, Graphics2D g, Rectangle place) {
        var plot = new XYPlot(series(lines), time(from, to), values(panel, lines), renderer(panel, lines));
        plot.setBackgroundPaint(Look.PANEL);
        plot.setDomainGridlinePaint(Look.GRID);
        plot.setRangeGridlinePaint(Look.GRID);
        plot.setRangeGridlineStroke(new BasicStroke(1));
        plot.setDomainGridlineStroke(new BasicStroke(1));
        plot.setOutlineVisible(false);
        plot.setInsets(new RectangleInsets(TOP, 0, 0, 0));
        if (panel.limits()) {
            for (var limit : panel.thresholds()) {
                if (!Double.isFinite(limit.from())) continue;
                plot.addRangeMarker(new ValueMarker(limit.from(), Look.named(limit.color()),
                        new BasicStroke(1, BasicStroke.CAP_BUTT, BasicStroke.JOIN_MITER, 1, new float[]{8, 6}, 0)));
            }
        }
        var chart = new JFreeChart(null, null, plot, false);
        chart.setBackgroundPaint(Look.PANEL);
        chart.setPadding(RectangleInsets.ZERO_INSETS);
        chart.draw(g, place);
    }

    private static XYSeriesCollection series(List<Line> lines) {
        var all = new XYSeriesCollection();
        for (var i = 0; i < lines.size(); i++) {
            var series = new XYSeries(i, false, true);
            var points = lines.get(i).points();
            var step = step(points);
            for (var p = 0; p < points.size(); p++) {
                if (p > 0 && points.get(p).second() - points.get(p - 1).second() > HOLE * step)
                    series.add(points.get(p - 1).second() * 1000.0 + 1, Double.NaN);
                series.add(points.get(p).second() * 1000.0, points.get(p).value());
            }
            all.addSeries(series);
        }
        return all;
    }

    private static long step(List<Line.Point> points) {
        var step = Long.MAX_VALUE / HOLE;
        for (var p = 1; p < points.size(); p++)
            step = Math.min(step, points.get(p).second() - points.get(p - 1).second());
        return step;
    }

    private static XYLineAndShapeRenderer renderer(Panel panel, List<Line> lines) {
        var renderer = new XYLineAndShapeRenderer(true, false);
        for (var i = 0; i < lines.size(); i++) {
            renderer.setSeriesPaint(i, Look.ofLine(panel, i, lines.get(i).name()));
            renderer.setSeriesStroke(i, new BasicStroke(1.4f));
        }
        return renderer;
    }

    private static DateAxis time(long from, long to) {
        var axis = new DateAxis(null, TimeZone.getTimeZone("UTC"), Locale.ROOT);
        var format = new SimpleDateFormat("HH:mm:ss", Locale.ROOT);
        format.setTimeZone(TimeZone.getTimeZone("UTC"));
        axis.setDateFormatOverride(format);
        axis.setRange(from * 1000.0, to * 1000.0);
        plain(axis);
        axis.setTickLabelInsets(new RectangleInsets(6, 4, 2, 4)); // so that labels do not touch the lowest value label
        return axis;
    }

    private static ValueAxis values(Panel panel, List<Line> lines) {
        var numbers = lines.stream().flatMap(line -> line.points().stream()).mapToDouble(Line.Point::value)
                .filter(value -> value > 0 || !panel.logarithmic()).summaryStatistics();
        var axis = panel.logarithmic() ? decades(panel, numbers) : linear(panel, numbers);
        plain(axis);
        return axis;
    }

    private static NumberAxis linear(Panel panel, DoubleSummaryStatistics numbers) {
        var axis = new NumberAxis();
        axis.setNumberFormatOverride(format(panel.unit()));
        if (panel.unit().isBinary()) axis.setStandardTickUnits(powersOfTwo());
        var low = panel.min().orElse(numbers.getMin());
        var high = panel.max().orElse(low + (numbers.getMax() - low) * 1.05);
        axis.setRange(low, high > low ? high : low + 1);
        return axis;
    }

    /** A logarithmic axis over whole powers of ten. */
    private static LogAxis decades(Panel panel, DoubleSummaryStatistics numbers) {
        var axis = new LogAxis();
        axis.setNumberFormatOverride(format(panel.unit()));
        axis.setTickUnit(new NumberTickUnit(1)); // one power
        if (numbers.getCount() == 0) return axis;
        var low = Math.floor(Math.log10(numbers.getMin()));
        axis.setRange(Math.pow(10, low), Math.pow(10, Math.max(low + 1, Math.ceil(Math.log10(numbers.getMax())))));
        return axis;
    }

    private static TickUnits powersOfTwo() {
        var units = new TickUnits();
        for (var power = 0; power < 50; power++) units.add(new NumberTickUnit(Math.pow(2, power)));
        return units;
    }

    private static void plain(ValueAxis axis) {
        axis.setTickLabelFont(Look.SMALL);
        axis.setTickLabelPaint(Look.FAINT);
        axis.setAxisLineVisible(false);
        axis.setTickMarksVisible(false);
    }

    private static NumberFormat format(Unit unit) {
        return new NumberFormat() {
            @Override
            public StringBuffer format(double number, StringBuffer to, FieldPosition position) {
                return to.append(unit.format(number, OptionalInt.empty()));
            }

            @Override
            public StringBuffer format(long number, StringBuffer to, FieldPosition position) {
                return format((double) number, to, position);
            }

            @Override
            public Number parse(String source, ParsePosition position) {
                throw new UnsupportedOperationException("an axis only writes");
            }
        };
    }
}
