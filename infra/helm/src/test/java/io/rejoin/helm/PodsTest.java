package io.rejoin.helm;

import static io.rejoin.helm.Manifests.COMPONENTS;
import static io.rejoin.helm.Manifests.stream;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.edge.config.EdgeConfig;
import io.rejoin.edge.config.TlsConfig;
import io.rejoin.listener.tls.PemFiles;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks how pods run, start and stop. */
class PodsTest {
    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void noPodHasMoreRightsThanItNeeds(String set) {
        assertThat(Chart.render(set).pods()).hasSize(4).allSatisfy(pod -> {
            assertThat(pod.path("automountServiceAccountToken").asBoolean(true)).isFalse();
            assertThat(pod.path("enableServiceLinks").asBoolean(true)).isFalse();
            assertThat(pod.has("hostNetwork")).isFalse();
            assertThat(pod.at("/securityContext/runAsNonRoot").asBoolean()).isTrue();
            assertThat(pod.at("/securityContext/seccompProfile/type").asText()).isEqualTo("RuntimeDefault");
            assertThat(pod.path("containers")).hasSize(1).allSatisfy(container -> {
                var security = container.path("securityContext");
                assertThat(security.path("privileged").asBoolean(true)).isFalse();
                assertThat(security.path("allowPrivilegeEscalation").asBoolean(true)).isFalse();
                assertThat(security.path("readOnlyRootFilesystem").asBoolean()).isTrue();
                assertThat(security.path("capabilities").toString()).isEqualTo("{\"drop\":[\"ALL\"]}");
            });
        });
        assertThat(Chart.render(set).kind("ServiceAccount"))
                .allSatisfy(one -> assertThat(one.path("automountServiceAccountToken").asBoolean(true)).isFalse());
    }

    @Test
    void theUserIsThatOfTheImagesUnlessThePlatformChooses() {
        assertThat(Chart.render("minimal").pod("edge").at("/securityContext/runAsUser").asInt()).isEqualTo(65532);
        assertThat(Chart.render("hardened").pod("edge").path("securityContext").has("runAsUser")).isFalse();
    }

    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void kubernetesAsksEachServiceForItsHealth(String set) {
        var manifests = Chart.render(set);
        for (var component : COMPONENTS) {
            var container = manifests.container(component);
            assertThat(container.at("/startupProbe/httpGet/path").asText()).isEqualTo("/health/live");
            assertThat(container.at("/livenessProbe/httpGet/path").asText()).isEqualTo("/health/live");
            assertThat(container.at("/readinessProbe/httpGet/path").asText()).isEqualTo("/health/ready");
            var plainPort = manifests.environment(component).containsKey("EDGE_TLS_CERT") ? "metrics" : "http";
            for (var probe : List.of("startupProbe", "livenessProbe", "readinessProbe"))
                assertThat(container.path(probe).at("/httpGet/port").asText()).isEqualTo(plainPort);
            assertThat(container.at("/ports/0/name").asText()).isEqualTo("http");
        }
        assertThat(manifests.container("edge").at("/ports/0/containerPort").asInt()).isEqualTo(8080);
        assertThat(manifests.container("history").at("/ports/0/containerPort").asInt()).isEqualTo(8090);
        assertThat(manifests.container("router").at("/ports/0/containerPort").asInt()).isEqualTo(8091);
    }

    @ParameterizedTest
    @CsvSource({"minimal, 120", "autoscaled-large, 600"})
    void aStartMayTakeAsLongAsTheServiceWaits(String set, int waits) {
        var probe = Chart.render(set).container("history").path("startupProbe");
        assertThat(probe.path("periodSeconds").asInt() * probe.path("failureThreshold").asInt())
                .isGreaterThanOrEqualTo(waits + 60);
    }

    @ParameterizedTest
    @CsvSource({"0, 0, 15", "10, 30, 85", "3599, 3599, 10812", "5, 5, 30"})
    void anEdgeIsNotKilledBeforeItsDrainIsOver(int delay, int drain, int grace) {
        var manifests = Chart.render("minimal",
                "edge: {drainDelaySeconds: %d, drainSeconds: %d}".formatted(delay, drain));
        assertThat(manifests.pod("edge").path("terminationGracePeriodSeconds").asInt()).isEqualTo(grace);
        assertThat(manifests.environment("edge")).containsEntry("EDGE_DRAIN_DELAY", "PT" + delay + "S")
                .containsEntry("EDGE_DRAIN", "PT" + drain + "S");
    }

    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void aRollingUpdateTakesNobodyAwayFirst(String set) {
        var manifests = Chart.render(set);
        for (var component : COMPONENTS) {
            var strategy = manifests.one("Deployment", component).at("/spec/strategy");
            assertThat(strategy.path("type").asText()).isEqualTo("RollingUpdate");
            assertThat(strategy.at("/rollingUpdate/maxUnavailable").asInt(-1)).isZero();
            assertThat(strategy.at("/rollingUpdate/maxSurge").asText()).isNotEqualTo("0");
        }
    }

    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void budgetsCoverThePodsTheyAreFor(String set) {
        var manifests = Chart.render(set);
        for (var component : COMPONENTS) {
            var budget = manifests.one("PodDisruptionBudget", component).path("spec");
            assertThat(budget.has("minAvailable")).as("stops node drains when there is one pod").isFalse();
            assertThat(budget.path("maxUnavailable").asText()).isNotEmpty().isNotEqualTo("0");
            assertThat(budget.at("/selector/matchLabels"))
                    .isEqualTo(manifests.one("Deployment", component).at("/spec/selector/matchLabels"));
        }
    }

    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void servicesAndDeploymentsFindTheirPodsAndNoOthers(String set) {
        var manifests = Chart.render(set);
        for (var component : COMPONENTS) {
            var deployment = manifests.one("Deployment", component);
            var selector = deployment.at("/spec/selector/matchLabels");
            assertThat(selector).isEqualTo(manifests.one("Service", component).at("/spec/selector"));
            for (var label : selector.properties())
                assertThat(deployment.at("/spec/template/metadata/labels").path(label.getKey()))
                        .isEqualTo(label.getValue());
            assertThat(selector.path("app.kubernetes.io/component").asText()).isEqualTo(component);
            assertThat(manifests.pod(component).path("topologySpreadConstraints")).hasSize(2)
                    .allSatisfy(spread -> assertThat(spread.at("/labelSelector/matchLabels")).isEqualTo(selector));
        }
    }

    @Test
    void theDefaultsAreTwoEdgesTwoRoutersAndOneOfHistory() {
        var manifests = Chart.render("minimal");
        assertThat(COMPONENTS).extracting(one -> manifests.one("Deployment", one).at("/spec/replicas").asInt())
                .containsExactly(2, 2, 1);
    }

    @Test
    void theAutoscalerCountsTheEdgesAlone() {
        var manifests = Chart.render("autoscaled-large");
        assertThat(manifests.one("Deployment", "edge").path("spec").has("replicas")).isFalse();
        var scaling = manifests.one("HorizontalPodAutoscaler", "edge").path("spec");
        assertThat(scaling.at("/scaleTargetRef/name").asText()).isEqualTo("rejoin-edge");
        assertThat(scaling.at("/metrics/0/resource/name").asText()).isEqualTo("cpu");
        assertThat(scaling.at("/metrics/1/pods/metric/name").asText()).isEqualTo("rejoin_edge_connections");
        assertThat(scaling.at("/behavior/scaleDown/stabilizationWindowSeconds").asInt()).isEqualTo(600);
        assertThat(scaling.at("/behavior/scaleDown/policies").toString())
                .isEqualTo("[{\"type\":\"Pods\",\"value\":1,\"periodSeconds\":180}]");
        assertThat(Chart.render("minimal").kind("HorizontalPodAutoscaler")).isEmpty();
    }

    @Test
    void onlyTmpCanBeWrittenTo() {
        assertThat(Chart.render("minimal").pods()).allSatisfy(pod -> assertThat(stream(pod.path("volumes")))
                .allSatisfy(
                        volume -> assertThat(volume.path("emptyDir").path("sizeLimit").asText()).isEqualTo("64Mi")));
    }

    @Test
    void theTestAsksTheServiceOfTheEdges() {
        var manifests = Chart.render("gateway-networkpolicy", "edge: {service: {port: 8088}}");
        var test = manifests.one("Pod", "test").at("/spec/containers/0");
        assertThat(test.at("/env/0/value").asText())
                .isEqualTo(manifests.one("Service", "edge").at("/metadata/name").asText());
        assertThat(test.at("/env/1/value").asText()).isEqualTo("8088");
        assertThat(test.path("image")).isEqualTo(manifests.container("edge").path("image"));
    }

    @Test
    void edgesThatSpeakTlsFindTheirCertificate() {
        var manifests = Chart.render("minimal", "edge: {tls: {existingSecret: rooms-tls}}");
        var tls = EdgeConfig.from(manifests.environment("edge")).listen().tls();
        assertThat(tls).isEqualTo(new TlsConfig(new PemFiles(Path.of("/tls/tls.crt"), Path.of("/tls/tls.key")),
                Duration.ofMinutes(1)));
        assertThat(stream(manifests.pod("edge").path("volumes")).map(one -> one.at("/secret/secretName").asText()))
                .contains("rooms-tls");
        assertThat(manifests.one("Service", "edge").at("/spec/ports/0/appProtocol").asText()).isEqualTo("https");
        assertThat(manifests.one("Pod", "test").at("/spec/containers/0/env/2/value").asText())
                .isEqualTo("this port speaks TLS");
        assertThat(Chart.render("minimal").one("Pod", "test").at("/spec/containers/0/env/2/value").asText())
                .isEqualTo("\"status\":\"ok\"");
    }

    @Test
    void whatIsExtraReachesThePod() {
        var manifests = Chart.render("hardened");
        var edge = manifests.container("edge");
        assertThat(edge.path("image").asText()).isEqualTo("images.example.com/team/rejoin-edge:0.1.0");
        assertThat(stream(edge.path("volumeMounts")).map(one -> one.path("mountPath").asText()))
                .containsExactly("/tmp", "/tls", "/keys", "/trust");
        assertThat(stream(manifests.pod("edge").path("volumes")).map(one -> one.path("name").asText()))
                .containsExactly("tmp", "tls", "keys", "trust");
        assertThat(manifests.environment("edge")).containsEntry("TZ", "Europe/Berlin")
                .containsEntry("JDK_JAVA_OPTIONS", "-Djavax.net.ssl.trustStore=/trust/store.p12");
        assertThat(edge.at("/envFrom/0/configMapRef/name").asText()).isEqualTo("edge-more");
        assertThat(manifests.pod("edge").at("/imagePullSecrets/0/name").asText()).isEqualTo("images");
        assertThat(manifests.pod("router").path("serviceAccountName").asText()).isEqualTo("rooms");
    }
}
