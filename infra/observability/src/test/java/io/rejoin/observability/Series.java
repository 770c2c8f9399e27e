package io.rejoin.observability;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A recorded series of one process of a healthy system under load: one value every five seconds, for a minute.
 *
 * @param text name and labels in Prometheus' notation
 */
record Series(String text, String name, Map<String, String> labels, List<Double> values) {
    static final int STEP = 5;
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)=\"([^\"]*)\"");

    Series {
        labels = Map.copyOf(labels);
        values = List.copyOf(values);
    }

    static List<Series> recorded() {
        return Texts.RECORDED.stream().flatMap(file -> Texts.read(file).lines()).map(Series::of).toList();
    }

    private static Series of(String line) {
        var end = line.lastIndexOf("} ") + 1;
        var text = line.substring(0, end);
        var labels = new LinkedHashMap<String, String>();
        LABEL.matcher(text).results().forEach(label -> labels.put(label.group(1), label.group(2)));
        return new Series(text, text.substring(0, text.indexOf('{')), labels,
                Arrays.stream(line.substring(end + 1).split(" ", -1)).map(Double::valueOf).toList());
    }

    /** Whether the series is a counter, which only grows. */
    boolean isCounter() {
        return name.endsWith("_total") || name.endsWith("_bucket") || name.endsWith("_count") || name.endsWith("_sum");
    }

    /** The value at a step. The recorded minute repeats; a counter keeps growing. */
    double at(int step) {
        var last = values.size() - 1;
        var value = values.get(step % last);
        var minutes = step / last;
        return isCounter() ? value + minutes * (values.getLast() - values.getFirst()) : value;
    }
}
