package io.rejoin.observability;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * What a process of a healthy system under load told under one name and labels, every five seconds for a minute.
 *
 * @param text name and labels as Prometheus writes them
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

    /** Whether it only ever grows. */
    boolean isCounter() {
        return name.endsWith("_total") || name.endsWith("_bucket") || name.endsWith("_count") || name.endsWith("_sum");
    }

    /** The same minute again and again; a counter goes on counting. */
    double at(int step) {
        var last = values.size() - 1;
        var value = values.get(step % last);
        var minutes = step / last;
        return isCounter() ? value + minutes * (values.getLast() - values.getFirst()) : value;
    }
}
