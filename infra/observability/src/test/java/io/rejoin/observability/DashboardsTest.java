package io.rejoin.observability;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.HashSet;
import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks that a dashboard is understandable for an engineer who is woken by an alert and has never seen it before. */
class DashboardsTest {
    private static final Pattern NAMED = Pattern.compile("\\*(Rejoin: [a-z]+)\\*");

    @Test
    void everyPanelSaysWhatItShowsAndInWhichUnit() {
        assertThat(panels()).hasSizeGreaterThan(80).allSatisfy(panel -> {
            var title = panel.path("title").asText();
            assertThat(title).isNotBlank();
            assertThat(panel.path("description").asText()).as(title).endsWith(".").hasSizeBetween(30, 200);
            assertThat(panel.at("/fieldConfig/defaults/unit").asText()).as(title).isNotBlank();
        });
    }

    /** Without a name, Grafana shows all labels or the whole expression. */
    @Test
    void everyLineHasAName() {
        assertThat(panels().filter(panel -> panel.path("type").asText().equals("timeseries"))).allSatisfy(
                panel -> assertThat(Texts.stream(panel.path("targets"))).isNotEmpty().allSatisfy(
                        target -> assertThat(target.path("legendFormat").asText()).as(panel.path("title").asText())
                                .isNotBlank()));
    }

    @Test
    void noTwoPanelsStandOnTheSamePlace() {
        for (var dashboard : Texts.dashboards()) {
            var taken = new HashSet<List<Integer>>();
            for (var panel : dashboard.path("panels")) {
                var place = panel.path("gridPos");
                for (var x = place.path("x").asInt(); x < place.path("x").asInt() + place.path("w").asInt(); x++) {
                    assertThat(x).as(panel.path("title").asText()).isLessThan(24);
                    for (var y = place.path("y").asInt(); y < place.path("y").asInt() + place.path("h").asInt(); y++)
                        assertThat(taken.add(List.of(x, y))).as(panel.path("title").asText()).isTrue();
                }
            }
        }
    }

    @Test
    void theRunbookNamesDashboardsThatAreThere() {
        var titles = Texts.dashboards().stream().map(dashboard -> dashboard.path("title").asText()).toList();
        assertThat(NAMED.matcher(Texts.read(Texts.RUNBOOK)).results().map(found -> found.group(1)))
                .hasSizeGreaterThan(10).isSubsetOf(titles);
    }

    private static Stream<JsonNode> panels() {
        return Texts.dashboards().stream().flatMap(dashboard -> Texts.stream(dashboard.path("panels")))
                .filter(panel -> !panel.path("type").asText().equals("row"));
    }
}
