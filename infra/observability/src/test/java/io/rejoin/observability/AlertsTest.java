package io.rejoin.observability;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.abort;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Evaluates every alert with Prometheus' own tool. On the recorded metrics of a healthy system, no alert fires. Then
 * {@code cases.yaml} changes some metrics for each alert: once so that it must fire, and once so that it only just does
 * not fire.
 */
class AlertsTest {
    private static final int END = 20 * 60 / Series.STEP;

    private final List<Series> recorded = Series.recorded();
    private final JsonNode cases = Texts.tree(Texts.CASES);

    @TempDir
    private Path folder;

    @Test
    void everyAlertIsTested() {
        var tested = new TreeSet<String>();
        cases.fieldNames().forEachRemaining(tested::add);
        assertThat(tested).isEqualTo(Texts.alerts().stream().map(alert -> alert.path("alert").asText())
                .collect(Collectors.toCollection(TreeSet::new)));
    }

    @Test
    void theRulesAreRules() throws Exception {
        promtool("check", "rules", Texts.ALERTS.toString());
    }

    @Test
    void everyAlertIsRaisedWhenItShouldAndNotOtherwise() throws Exception {
        var file = Texts.YAML.createObjectNode();
        file.putArray("rule_files").add(Texts.ALERTS.toAbsolutePath().toString());
        file.put("evaluation_interval", "30s");
        var tests = file.putArray("tests");
        var all = Texts.alerts().stream().map(alert -> alert.path("expr").asText()).collect(Collectors.joining("\n"));
        tests.add(test("a healthy system", read(all), Texts.YAML.createObjectNode(),
                "count(ALERTS{alertstate=\"firing\"})", false));
        for (var alert : Texts.alerts()) {
            var name = alert.path("alert").asText();
            var read = read(alert.path("expr").asText());
            var raised = "count(ALERTS{alertstate=\"firing\",alertname=\"" + name + "\"})";
            tests.add(test(name + " is raised", read, cases.path(name).path("raised"), raised + " > bool 0", true));
            tests.add(test(name + " is quiet", read, cases.path(name).path("quiet"), raised, false));
        }
        var path = folder.resolve("tests.yaml");
        Texts.YAML.writeValue(path.toFile(), file);
        promtool("test", "rules", path.toString());
    }

    /** The recorded series of the metrics that an expression reads. */
    private List<Series> read(String expression) {
        var names = Selector.in(expression).stream().map(Selector::name).collect(Collectors.toSet());
        return recorded.stream().filter(series -> names.contains(series.name())).toList();
    }

    private static ObjectNode test(String name, List<Series> base, JsonNode changes, String expression,
            boolean isRaised) {
        var test = Texts.YAML.createObjectNode();
        test.put("name", name);
        test.put("interval", Series.STEP + "s");
        var input = test.putArray("input_series");
        var changed = new ArrayList<String>();
        for (var series : base) {
            var change = change(series, changes, changed);
            var one = input.addObject();
            one.put("series", series.text());
            one.put("values", change.values(series));
        }
        assertThat(changed).as(name + ": changes that touch nothing recorded").containsAll(names(changes));
        var query = test.putArray("promql_expr_test").addObject();
        query.put("expr", expression);
        query.put("eval_time", "20m");
        var expected = query.putArray("exp_samples");
        if (isRaised) expected.addObject().put("labels", "{}").put("value", 1);
        return test;
    }

    private static List<String> names(JsonNode changes) {
        var names = new ArrayList<String>();
        changes.fieldNames().forEachRemaining(names::add);
        return names;
    }

    private static Change change(Series series, JsonNode changes, List<String> changed) {
        var change = Change.NONE;
        for (var entry : changes.properties()) {
            if (Selector.in(entry.getKey()).stream().noneMatch(selector -> selector.matches(series))) continue;
            changed.add(entry.getKey());
            change = Change.of(entry.getValue().asText());
        }
        return change;
    }

    /**
     * A change of a series from a given minute on. A number is the new value. A text that begins with a plus is the
     * additional growth per second. {@code gone} means that the series never exists.
     */
    private record Change(String value, int from) {
        static final Change NONE = new Change("", 0);

        static Change of(String text) {
            var words = text.split(" from ", 2);
            return new Change(words[0],
                    words.length == 1 ? 0 : Integer.parseInt(words[1].replace("m", "")) * 60 / Series.STEP);
        }

        String values(Series series) {
            var values = new ArrayList<String>();
            for (var step = 0; step <= END; step++) values.add(value(series, step));
            return String.join(" ", values);
        }

        private String value(Series series, int step) {
            if (value.equals("gone")) return "_";
            var recorded = series.at(step);
            if (step < from || value.isEmpty()) return text(recorded);
            if (value.startsWith("+")) return text(recorded + (step - from) * Series.STEP * Double.parseDouble(value));
            return value;
        }

        private static String text(double value) {
            return Double.isFinite(value) ? new BigDecimal(value).toPlainString() : "_";
        }
    }

    private static void promtool(String... arguments) throws IOException, InterruptedException {
        var command = new ArrayList<>(List.of("promtool"));
        command.addAll(List.of(arguments));
        Process process;
        try {
            process = new ProcessBuilder(command).redirectErrorStream(true).start();
        } catch (IOException e) {
            System.err.println("not run: the alerts' tests, which need promtool (Debian package prometheus)");
            abort("no promtool: " + Objects.requireNonNullElse(e.getMessage(), ""));
            return;
        }
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
    }
}
