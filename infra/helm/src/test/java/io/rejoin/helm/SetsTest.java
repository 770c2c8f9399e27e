package io.rejoin.helm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.google.gson.JsonParser;
import io.kubernetes.client.openapi.models.V1ConfigMap;
import io.kubernetes.client.openapi.models.V1Deployment;
import io.kubernetes.client.openapi.models.V1Ingress;
import io.kubernetes.client.openapi.models.V1NetworkPolicy;
import io.kubernetes.client.openapi.models.V1Pod;
import io.kubernetes.client.openapi.models.V1PodDisruptionBudget;
import io.kubernetes.client.openapi.models.V1Secret;
import io.kubernetes.client.openapi.models.V1Service;
import io.kubernetes.client.openapi.models.V1ServiceAccount;
import io.kubernetes.client.openapi.models.V2HorizontalPodAutoscaler;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks rules that hold for every set of values. */
class SetsTest {
    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void helmFindsNothingToSay(String set, @TempDir Path folder) {
        var result = Chart.lint(set, folder.resolve("rejoin"));
        assertThat(result.isFailed()).as(result.getMessages().toString()).isFalse();
        assertThat(result.getMessages()).noneMatch(message -> message.contains("[WARNING]"));
    }

    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void kubernetesKnowsEveryField(String set) throws IOException {
        for (var object : Chart.render(set).all()) validate(object);
    }

    @Test
    void aFieldThatKubernetesDoesNotKnowIsNoticed() {
        var deployment = Chart.render("minimal").one("Deployment", "edge").toString()
                .replace("terminationGracePeriodSeconds", "terminationGracePeriod");
        assertThat(deployment).contains("\"terminationGracePeriod\"");
        assertThatThrownBy(() -> validate(Chart.YAML.readTree(deployment)))
                .hasMessageContaining("terminationGracePeriod");
    }

    private static void validate(JsonNode object) throws IOException {
        var json = JsonParser.parseString(object.toString());
        switch (object.path("kind").asText()) {
            case "Deployment" -> V1Deployment.validateJsonElement(json);
            case "Pod" -> V1Pod.validateJsonElement(json);
            case "Service" -> V1Service.validateJsonElement(json);
            case "ServiceAccount" -> V1ServiceAccount.validateJsonElement(json);
            case "ConfigMap" -> V1ConfigMap.validateJsonElement(json);
            case "Secret" -> V1Secret.validateJsonElement(json);
            case "Ingress" -> V1Ingress.validateJsonElement(json);
            case "NetworkPolicy" -> V1NetworkPolicy.validateJsonElement(json);
            case "PodDisruptionBudget" -> V1PodDisruptionBudget.validateJsonElement(json);
            case "HorizontalPodAutoscaler" -> V2HorizontalPodAutoscaler.validateJsonElement(json);
            case "HTTPRoute", "PodMonitor", "PrometheusRule" -> {
            } // not part of Kubernetes
            default -> throw new AssertionError("unexpected: " + object.path("kind"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void everythingHasTheUsualLabels(String set) {
        assertThat(Chart.render(set).all()).allSatisfy(object -> {
            var labels = object.at("/metadata/labels");
            assertThat(labels.path("app.kubernetes.io/name").asText()).isEqualTo("rejoin");
            assertThat(labels.path("app.kubernetes.io/instance").asText()).isEqualTo("rejoin");
            assertThat(labels.path("app.kubernetes.io/managed-by").asText()).isEqualTo("Helm");
            assertThat(labels.path("app.kubernetes.io/version").asText()).startsWith("0.1.0");
            assertThat(Manifests.component(object)).isIn("edge", "router", "history", "test", "observability");
        });
    }

    @Test
    void theTagOfTheImagesIsTheVersionOfThisBuild() throws IOException {
        var chart = Chart.read(Chart.FOLDER.resolve("Chart.yaml"));
        assertThat(chart.path("appVersion").asText()).isEqualTo(version());
        assertThat(Chart.render("minimal").container("edge").path("image").asText())
                .isEqualTo("rejoin-edge:" + version());
    }

    private static String version() throws IOException {
        var pom = Files.readString(Path.of("pom.xml"));
        var start = pom.indexOf("<version>") + "<version>".length();
        return pom.substring(start, pom.indexOf("</version>", start));
    }

    @Test
    void eachComponentMayHaveAVersionOfItsOwnWhileUpgrading() {
        var manifests = Chart.render("minimal", "image: {tag: '2'}", "edge: {image: {tag: '1'}}");
        assertThat(manifests.container("edge").path("image").asText()).isEqualTo("rejoin-edge:1");
        assertThat(manifests.container("router").path("image").asText()).isEqualTo("rejoin-router:2");
        assertThat(manifests.container("history").path("image").asText()).isEqualTo("rejoin-history:2");
    }

    @Test
    void podsAreNotReplacedWhenOnlyTheChartIsNewer(@TempDir Path folder) {
        Chart.copyTo(folder);
        var chart = Chart.read(folder.resolve("Chart.yaml"));
        ((ObjectNode) chart).put("version", "9.9.9");
        Chart.write(folder.resolve("Chart.yaml"), chart.toString());
        for (var component : Manifests.COMPONENTS)
            assertThat(Chart.render(folder, "minimal").one("Deployment", component).at("/spec/template"))
                    .isEqualTo(Chart.render("minimal").one("Deployment", component).at("/spec/template"));
    }

    @Test
    void theNotesSayWhatToDoNext(@TempDir Path folder) throws IOException {
        Chart.copyTo(folder);
        Files.move(folder.resolve("templates/NOTES.txt"), folder.resolve("notes.txt"));
        Chart.write(folder.resolve("templates/notes.yaml"),
                "kind: Notes\ntext: {{ tpl (.Files.Get \"notes.txt\") . | toJson }}\n");
        var trial = Chart.render(folder, "trial").kind("Notes").getFirst().path("text").asText();
        assertThat(trial).contains("helm -n rooms test rejoin --logs", "port-forward service/rejoin-edge 8080:80",
                "TRIAL: the secrets stand in this release", "networkPolicy.enabled is false");
        var ingress = Chart.render(folder, "jwks-ingress").kind("Notes").getFirst().path("text").asText();
        assertThat(ingress).contains("wss://rooms.example.com").doesNotContain("TRIAL");
    }
}
