package io.rejoin.e2e.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.rejoin.e2e.pictures.Legend.Place;
import io.rejoin.e2e.pictures.Line.Point;
import java.awt.Rectangle;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

/** Tests of positions and names. Each letter is ten pixels wide. */
class LayoutTest {
    private static final ObjectMapper JSON = new ObjectMapper();

    @Test
    void panelsStandInTheirColumnsWithAGapBetween() {
        var left = new Grid(0, 1, 8, 4).pixels(248, 44);
        var right = new Grid(8, 1, 16, 4).pixels(248, 44);

        assertThat(left).isEqualTo(new Rectangle(8, 82, 72, 144));
        assertThat(right).isEqualTo(new Rectangle(88, 82, 152, 144));
        assertThat(new Grid(0, 5, 8, 4).pixels(248, 44).y).isEqualTo(left.y + left.height + Grid.GAP);
    }

    @Test
    void aPanelIsWhatItsJsonSays() {
        var panel = panel(
                """
                {"type": "stat", "title": "Ready", "gridPos": {"x": 1, "y": 2, "w": 3, "h": 4},
                 "fieldConfig": {"defaults": {"unit": "s", "decimals": 1, "min": 0, "thresholds": {"steps": [
                   {"color": "red", "value": null}, {"color": "green", "value": 1}]}}},
                 "options": {"colorMode": "background"},
                 "targets": [{"expr": "a{namespace=~\\"$namespace\\"}[$__rate_interval]", "legendFormat": "{{a}}"}]}""");

        assertThat(panel.grid()).isEqualTo(new Grid(1, 2, 3, 4));
        assertThat(panel.unit()).isEqualTo(Unit.of("s"));
        assertThat(panel.decimals()).isEqualTo(OptionalInt.of(1));
        assertThat(panel.min()).isEqualTo(OptionalDouble.of(0));
        assertThat(panel.max()).isEmpty();
        assertThat(panel.colored()).isTrue();
        assertThat(panel.stacked()).isFalse();
        assertThat(panel.color(0.9)).isEqualTo("red");
        assertThat(panel.color(1)).isEqualTo("green");
        assertThat(panel.queries().getFirst().expression("10s")).isEqualTo("a{namespace=~\".*\"}[10s]");
    }

    @Test
    void theScaleTheLimitsAndTheLegendOfAPanelAreItsOwn() {
        var plain = panel("{\"type\": \"timeseries\"}");
        assertThat(plain.logarithmic() || plain.limits() || plain.hidesZeros()).isFalse();
        var special = panel("""
                {"type": "timeseries", "fieldConfig": {
                   "defaults": {"custom": {"scaleDistribution": {"type": "log"}, "thresholdsStyle": {"mode": "dashed"},
                     "stacking": {"mode": "normal"}}},
                   "overrides": [{"matcher": {"id": "byValue", "options": {"reducer": "allIsZero"}}},
                     {"matcher": {"id": "byName", "options": "opened"},
                      "properties": [{"id": "color", "value": {"mode": "fixed", "fixedColor": "blue"}}]}]}}""");
        assertThat(special.logarithmic() && special.limits() && special.hidesZeros() && special.stacked()).isTrue();
        assertThat(Look.ofLine(special, 0, "opened")).isEqualTo(Look.named("blue"))
                .isNotEqualTo(Look.ofLine(special, 0, "lost"));
    }

    @Test
    void everyPanelThereIsCanBeDrawn() throws IOException {
        assertThat(Dashboard.in(Path.of("../helm/rejoin/observability/dashboards"))).hasSize(4)
                .allSatisfy(dashboard -> assertThat(dashboard.panels()).hasSizeGreaterThan(20).allSatisfy(panel -> {
                    assertThat(panel.thresholds()).allSatisfy(one -> assertThat(Look.named(one.color())).isNotNull());
                    assertThat(panel.colors().keySet())
                            .allSatisfy(name -> assertThat(Look.ofLine(panel, 0, name)).isNotNull());
                }));
    }

    @Test
    void aPanelThatCannotBeDrawnIsNamed() {
        assertThatThrownBy(() -> panel("{\"type\": \"gauge\", \"title\": \"Speed\"}")).hasMessageContaining("Speed")
                .hasMessageContaining("gauge");
    }

    @Test
    void aLineHasTheNameThatTheLegendGivesItAndNoPointWithoutANumber() {
        var matrix = json(
                """
                [{"metric": {"instance": "edge-1", "code": "1001"}, "values": [[1, "0.5"], [2, "NaN"], [3, "+Inf"], [4, "2"]]}]""");

        assertThat(Line.of(matrix, "{{instance}} {{ code }}{{gone}}"))
                .containsExactly(new Line("edge-1 1001", List.of(new Point(1, 0.5), new Point(4, 2))));
        assertThat(Line.of(matrix, "").getFirst().name()).contains("instance", "edge-1", "code");
    }

    @Test
    void aLineIsZeroWithoutAnyOtherNumber() {
        assertThat(new Line("a", List.of(new Point(1, 0), new Point(2, 0))).isZero()).isTrue();
        assertThat(new Line("a", List.of(new Point(1, 0), new Point(2, 0.1))).isZero()).isFalse();
    }

    @Test
    void stackedLinesStandOnThoseBeforeThem() {
        var lines = List.of(new Line("a", List.of(new Point(1, 1), new Point(2, 2))),
                new Line("b", List.of(new Point(2, 3), new Point(3, 4))));

        assertThat(Line.stacked(lines)).containsExactly(lines.getFirst(),
                new Line("b", List.of(new Point(2, 5), new Point(3, 4))));
    }

    @Test
    void namesStandSideBySideWhileTheyFit() {
        var legend = Legend.of(List.of("aaaa", "bbbb", "cccc"), LayoutTest::width, 150, 200);

        assertThat(legend).isEqualTo(new Legend(List.of(new Place(0, 18, 0), new Place(1, 88, 0), new Place(2, 18, 1)),
                2 * Legend.ROW, 0));
    }

    @Test
    void namesWithoutRoomAreCounted() {
        var legend = Legend.of(List.of("aaaa", "bbbb", "cccc", "dddd"), LayoutTest::width, 80, 120);

        assertThat(legend.places()).hasSize(2);
        assertThat(legend.left()).isEqualTo(2);
        assertThat(legend.height()).isEqualTo(2 * Legend.ROW);
    }

    @Test
    void aTitleThatIsTooLongEndsInAnEllipsis() {
        assertThat(Legend.fitted("abcdef", LayoutTest::width, 60)).isEqualTo("abcdef");
        assertThat(Legend.fitted("abcdef", LayoutTest::width, 50)).isEqualTo("abcd…");
    }

    private static int width(String text) {
        return 10 * text.length();
    }

    private static Panel panel(String json) {
        return Panel.of(json(json));
    }

    private static JsonNode json(String text) {
        try {
            return JSON.readTree(text);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException(text, e);
        }
    }
}
