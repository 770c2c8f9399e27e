package io.rejoin.observability;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * Checks that services report every metric and label that alerts, dashboards and the documentation use. The tests
 * compare with recorded metrics of real services.
 */
class NamesTest {
    private static final Pattern OURS = Pattern.compile("`(rejoin_(?:edge|router|history|kafka|log)_[a-z_]+)`");
    /** Labels that Prometheus adds: the namespace of the target, and the name and state of an alert. */
    private static final Set<String> OF_PROMETHEUS = Set.of("namespace", "alertname", "alertstate");

    private final List<Series> recorded = Series.recorded();

    @Test
    void everyAlertNamesWhatIsThere() {
        for (var alert : Texts.alerts())
            assertThat(missing(alert.path("expr").asText())).as(alert.path("alert").asText()).isEmpty();
    }

    @Test
    void everyPanelNamesWhatIsThere() {
        assertThat(Texts.panels()).hasSizeGreaterThan(60).allSatisfy(
                (panel, queries) -> assertThat(queries).isNotEmpty().allSatisfy(
                        query -> assertThat(missing(query)).as(panel).isEmpty()));
    }

    @Test
    void whatIsMisspeltIsNoticed() {
        assertThat(missing("rate(rejoin_edge_post_total[5m])")).hasSize(1);
        assertThat(missing("rejoin_router_shards{state=\"runing\"}")).hasSize(1);
        assertThat(missing("sum by (codes) (rejoin_edge_closes_total)")).hasSize(1);
        assertThat(missing("sum by (code) (rejoin_edge_closes_total)")).isEmpty();
    }

    private List<String> missing(String expression) {
        var missing = new ArrayList<String>();
        var known = new HashSet<>(OF_PROMETHEUS);
        for (var selector : Selector.in(expression)) {
            var found = recorded.stream().filter(selector::matches).toList();
            if (found.isEmpty()) missing.add(selector.toString());
            found.forEach(series -> known.addAll(series.labels().keySet()));
        }
        Selector.grouped(expression).stream().filter(label -> !known.contains(label)).forEach(missing::add);
        return missing;
    }

    /** The documentation names a histogram without {@code _bucket}, {@code _count} and {@code _sum}. */
    @Test
    void theDocumentationTellsAllOfOurMetricsAndNoOthers() {
        var told = OURS.matcher(Texts.read(Texts.METRICS)).results().map(found -> found.group(1))
                .collect(Collectors.toCollection(TreeSet::new));
        var there = recorded.stream().map(Series::name).filter(name -> name.startsWith("rejoin_"))
                .map(name -> name.replaceFirst("_(bucket|count|sum|max)$", ""))
                .collect(Collectors.toCollection(TreeSet::new));
        // Documented once for all services, or by their endings
        there.removeIf(name -> name.matches("rejoin_(edge|router|history)_(ready|broken_invariants_total)")
                || name.startsWith("rejoin_kafka_"));
        told.removeIf(name -> name.startsWith("rejoin_kafka_"));

        assertThat(told).isEqualTo(there);
    }
}
