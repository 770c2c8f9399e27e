package io.rejoin.observability;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A metric in a PromQL expression, with its label matchers.
 *
 * @param labels by name; each is a regular expression that the value must match
 */
record Selector(String name, Map<String, String> labels) {
    private static final Pattern METRIC = Pattern
            .compile("\\b((?:rejoin|jvm|process|system|hikaricp)_[a-z0-9_]+|up\\b)(?:\\{([^}]*)\\})?");
    private static final Pattern LABEL = Pattern.compile("([a-z_]+)(=~|=|!=|!~)\"([^\"]*)\"");
    private static final Pattern GROUPED = Pattern.compile("\\bby \\(([^)]*)\\)");

    Selector {
        labels = Map.copyOf(labels);
    }

    /** All selectors in an expression. */
    static List<Selector> in(String expression) {
        return METRIC.matcher(expression).results()
                .map(found -> new Selector(found.group(1), labels(found.group(2) == null ? "" : found.group(2))))
                .toList();
    }

    private static Map<String, String> labels(String text) {
        var labels = new LinkedHashMap<String, String>();
        for (Matcher found = LABEL.matcher(text); found.find();) {
            var value = found.group(3).startsWith("$") ? ".*" : found.group(3);
            switch (found.group(2)) {
                case "=" -> labels.put(found.group(1), Pattern.quote(value));
                case "=~" -> labels.put(found.group(1), value);
                default -> labels.put(found.group(1), ".*");
            }
        }
        return labels;
    }

    /** The labels that an expression groups by. */
    static List<String> grouped(String expression) {
        var labels = new ArrayList<String>();
        for (var found : GROUPED.matcher(expression).results().toList())
            labels.addAll(List.of(found.group(1).split(", *")));
        return labels;
    }

    boolean matches(Series series) {
        return series.name().equals(name) && labels.entrySet().stream().allMatch(
                label -> series.labels().getOrDefault(label.getKey(), "").matches(label.getValue()));
    }
}
