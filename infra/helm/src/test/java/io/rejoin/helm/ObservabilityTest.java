package io.rejoin.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/**
 * Checks that the chart installs its alert and dashboard files. Tests of the module {@code infra/observability} compare
 * these files with the metrics of the services.
 */
class ObservabilityTest {
    private static final Path FOLDER = Chart.FOLDER.resolve("observability");
    private static final String ON = "{prometheusRule: {enabled: true}, dashboards: {enabled: true}}";

    @Test
    void nothingIsThereUnlessAskedFor() {
        var manifests = Chart.render("minimal");
        assertThat(manifests.kind("PrometheusRule")).isEmpty();
        assertThat(manifests.kind("ConfigMap")).isEmpty();
    }

    @Test
    void theAlertsAreThoseOfTheFile() {
        var rule = Chart.render("minimal", ON).kind("PrometheusRule").getFirst();
        assertThat(rule.path("spec")).isEqualTo(Chart.read(FOLDER.resolve("alerts.yaml")));
    }

    @Test
    void theAlertsLeadToTheRunbookThatIsNamed() {
        var rule = Chart.render("autoscaled-large").kind("PrometheusRule").getFirst();
        assertThat(rule.at("/metadata/labels/release").asText()).isEqualTo("prometheus");
        assertThat(rule.at("/spec/groups/0/rules/0/annotations/runbook_url").asText())
                .isEqualTo("https://wiki.example.com/rejoin#rejoinnoreadyedge");
        assertThat(rule.toString()).doesNotContain("infra/RUNBOOK.md");
    }

    @Test
    void everyDashboardIsAConfigMapThatGrafanaFinds() throws IOException {
        var found = new TreeMap<String, String>();
        for (var map : Chart.render("minimal", ON).kind("ConfigMap")) {
            assertThat(map.at("/metadata/labels/grafana_dashboard").asText()).isEqualTo("1");
            map.path("data").properties().forEach(file -> found.put(file.getKey(), file.getValue().asText()));
        }
        var files = new TreeMap<String, String>();
        try (var all = Files.list(FOLDER.resolve("dashboards"))) {
            for (var file : all.toList()) files.put(file.toFile().getName(), Files.readString(file));
        }
        assertThat(found).hasSize(4).isEqualTo(files);
    }

    @Test
    void theExampleOfAutoscalingCountsConnections() throws IOException {
        var example = Files.readString(Chart.FOLDER.resolve("../examples/autoscaling.yaml"));
        var scaler = Chart.render("minimal", example).one("HorizontalPodAutoscaler", "edge");
        assertThat(scaler.path("spec").path("metrics").toString()).contains("\"rejoin_edge_connections\"", "\"6000\"");
    }

    @Test
    void aRunbookThatWouldBreakTheRulesIsRefused() {
        assertThatThrownBy(() -> Chart.render("minimal", "prometheusRule: {enabled: true, runbook: 'a # b'}"))
                .hasMessageContaining("runbook");
    }
}
