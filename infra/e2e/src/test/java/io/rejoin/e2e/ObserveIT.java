package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.e2e.check.Recorder;
import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.Plan;
import io.rejoin.e2e.load.Workload;
import io.rejoin.e2e.pictures.Dashboard;
import io.rejoin.e2e.pictures.Picture;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * A real Prometheus scrapes a system under load: every panel of every dashboard has data, every rule can be evaluated,
 * and no alert fires. With {@code -Drejoin.observe.record} the test writes the scraped series into that file, for the
 * tests of the alerts. With {@code -Drejoin.observe.pictures} it then causes faults, and draws the dashboards into that
 * folder.
 */
@EnabledIfSystemProperty(named = "rejoin.observe", matches = "true", disabledReason = "needs Prometheus, and two minutes")
class ObserveIT {
    private static final Path OBSERVABILITY = Path.of("../helm/rejoin/observability");
    private static final Path DASHBOARDS = OBSERVABILITY.resolve("dashboards");
    private static final Duration LOAD = Duration.ofSeconds(90);
    private static final int STEP = 5;
    /** Only series about Rejoin are recorded. */
    private static final String RECORDED = "{__name__=~\"up|rejoin_.*|hikaricp_.*|jvm_memory_.*|jvm_gc_.*|jvm_threads_live_threads"
            + "|process_.*|system_cpu_.*\"}";

    private final Cluster cluster = Cluster.shared();

    @TempDir
    private Path folder;

    @Test
    void everyPanelShowsSomethingAndNoAlertIsRaised() throws Exception {
        cluster.routers().getLast().terminate(); // so that the metrics show takeovers
        cluster.routers().getLast().restart();
        cluster.awaitReady();
        var began = System.currentTimeMillis() / 1000;
        try (var prometheus = new Prometheus(folder, OBSERVABILITY.resolve("alerts.yaml"), cluster.metricsPorts());
                var recorder = new Recorder(folder.resolve("history.jsonl"));
                var workload = new Workload(Plan.of("observed", 4, 6, 120).withDropEvery(Duration.ofSeconds(3))
                        .withBackoff(new Backoff(Duration.ofMillis(200), Duration.ofSeconds(1))), edges(), recorder)) {
            workload.connect();
            workload.awaitLive(Cluster.PATIENCE);
            workload.startPosting();
            await().atMost(Cluster.PATIENCE.multipliedBy(3)).pollInterval(Duration.ofSeconds(1)).until(
                    () -> prometheus.query("min(count_over_time(up{job=~\"rejoin-.*\"}[" + LOAD.toSeconds() + "s]) >= "
                            + (LOAD.toSeconds() - 3) + ") unless count(count_over_time(up[" + LOAD.toSeconds()
                            + "s]) < "
                            + (LOAD.toSeconds() - 3) + ")").size() > 0);

            assertThat(withoutData(prometheus)).as("panels without data").isEmpty();
            assertRulesAreQuiet(prometheus);
            tellTheCost(prometheus);
            var record = System.getProperty("rejoin.observe.record");
            if (record != null) Files.writeString(Path.of(record), recorded(prometheus));
            var pictures = System.getProperty("rejoin.observe.pictures");
            if (pictures != null) draw(prometheus, began, Path.of(pictures));
            workload.settle(Cluster.PATIENCE);
        }
    }

    private List<URI> edges() {
        return IntStream.range(0, 2).mapToObj(i -> cluster.edgeUri(i, "")).toList();
    }

    private static List<String> withoutData(Prometheus prometheus) throws IOException {
        var empty = new ArrayList<String>();
        var queries = 0;
        for (var dashboard : Dashboard.in(DASHBOARDS)) {
            for (var asked : dashboard.asked("1m")) {
                queries++;
                if (!hasNumber(prometheus.query(asked.expression())))
                    empty.add(dashboard.name() + ", " + asked.panel() + ": " + asked.expression());
            }
        }
        System.out.println(queries + " queries of panels were evaluated");
        return empty;
    }

    /** Causes some faults, then draws the dashboards from the beginning of the load on. */
    private void draw(Prometheus prometheus, long from, Path pictures) throws IOException {
        try (var troubles = new FaultSequence(cluster, prometheus)) {
            troubles.happen();
        }
        var to = System.currentTimeMillis() / 1000;
        var picture = new Picture(from, to, "10s", expression -> prometheus.range(expression, from, to, 2));
        for (var dashboard : Dashboard.in(DASHBOARDS)) System.out.println(picture.draw(dashboard, pictures));
    }

    private static boolean hasNumber(JsonNode series) {
        return stream(series).anyMatch(one -> Double.isFinite(Double.parseDouble(number(one.at("/value/1").asText()))));
    }

    private static void assertRulesAreQuiet(Prometheus prometheus) {
        var rules = stream(prometheus.rules()).flatMap(group -> stream(group.path("rules"))).toList();
        assertThat(rules).hasSizeGreaterThan(20).allSatisfy(rule -> {
            assertThat(rule.path("health").asText()).as(rule.toString()).isEqualTo("ok");
            assertThat(rule.path("state").asText()).as(rule.toString()).isIn("inactive", "pending");
        });
    }

    private static void tellTheCost(Prometheus prometheus) {
        for (var series : prometheus.query("max by (job) (scrape_samples_scraped)"))
            System.out.println(series.at("/metric/job").asText() + ": " + series.at("/value/1").asText() + " samples");
        for (var series : prometheus.query("avg by (job) (avg_over_time(scrape_duration_seconds[1m]))"))
            System.out
                    .println(series.at("/metric/job").asText() + ": " + series.at("/value/1").asText() + " s a scrape");
        for (var series : prometheus.query("sum by (service) (rate(process_cpu_time_ns_total[1m])) / 1e9"))
            System.out
                    .println(series.at("/metric/service").asText() + ": " + series.at("/value/1").asText() + " cores");
    }

    /** One line for each series: its name and labels, then its values every five seconds. */
    private static String recorded(Prometheus prometheus) {
        var lines = new TreeMap<String, String>();
        for (var series : prometheus.range(RECORDED, Duration.ofSeconds(60), STEP)) {
            var labels = new TreeMap<String, String>();
            series.path("metric").properties().forEach(label -> labels.put(label.getKey(), label.getValue().asText()));
            var name = labels.remove("__name__");
            var values = stream(series.path("values")).map(value -> number(value.path(1).asText())).toList();
            if (values.size() == 1 + 60 / STEP)
                lines.put(name + labels.entrySet().stream()
                        .map(label -> label.getKey() + "=\"" + label.getValue() + "\"")
                        .collect(Collectors.joining(",", "{", "}")), String.join(" ", values));
        }
        return lines.entrySet().stream().map(line -> line.getKey() + " " + line.getValue() + "\n")
                .collect(Collectors.joining());
    }

    /** Converts infinities to the form that Java parses. */
    private static String number(String value) {
        return value.replace("+Inf", "Infinity").replace("-Inf", "-Infinity");
    }

    private static Stream<JsonNode> stream(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false);
    }
}
