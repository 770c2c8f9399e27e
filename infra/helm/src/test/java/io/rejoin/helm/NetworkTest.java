package io.rejoin.helm;

import static io.rejoin.helm.Manifests.stream;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks the network policies, and how clients reach the edges. */
class NetworkTest {
    @Test
    void everyPodIsUnderAPolicyOfItsOwn() {
        var manifests = Chart.render("minimal");
        for (var component : List.of("edge", "router", "history", "test")) {
            var policy = manifests.one("NetworkPolicy", component).path("spec");
            assertThat(policy.path("policyTypes").toString()).isEqualTo("[\"Ingress\",\"Egress\"]");
            assertThat(policy.at("/podSelector/matchLabels")).isEqualTo(selector(component));
        }
        assertThat(Chart.render("trial").kind("NetworkPolicy")).isEmpty();
    }

    @Test
    void historyLetsInEdgesAlone() {
        var ingress = Chart.render("minimal").one("NetworkPolicy", "history").at("/spec/ingress");
        assertThat(ingress).hasSize(1);
        assertThat(ingress.at("/0/ports/0/port").asInt()).isEqualTo(8090);
        assertThat(ingress.at("/0/from")).hasSize(1);
        assertThat(ingress.at("/0/from/0/podSelector/matchLabels")).isEqualTo(selector("edge"));
    }

    @Test
    void routersLetInEdgesAndWhoeverWatchesThem() {
        var ingress = Chart.render("minimal").one("NetworkPolicy", "router").at("/spec/ingress");
        assertThat(ingress).hasSize(1);
        assertThat(ingress.at("/0/ports/0/port").asInt()).isEqualTo(8091);
        assertThat(ingress.at("/0/from")).hasSize(1);
        assertThat(ingress.at("/0/from/0/podSelector/matchLabels")).isEqualTo(selector("edge"));
        var watched = Chart.render("autoscaled-large").one("NetworkPolicy", "router").at("/spec/ingress");
        assertThat(watched).hasSize(1);
        assertThat(watched.at("/0/from/0/podSelector/matchLabels")).isEqualTo(selector("edge"));
        assertThat(watched.at("/0/from/1").toString()).contains("monitoring");
    }

    @Test
    void edgesReachRoutersByTheAddressesOfTheirPods() {
        var manifests = Chart.render("minimal");
        assertThat(manifests.variable("router", "ROUTER_LINK_ADDRESS").at("/valueFrom/fieldRef/fieldPath").asText())
                .isEqualTo("status.podIP");
        assertThat(manifests.variable("router", "ROUTER_PORT").path("value").asText()).isEqualTo("8091");
        assertThat(stream(manifests.one("NetworkPolicy", "edge").at("/spec/egress"))).anySatisfy(rule -> {
            assertThat(rule.at("/ports/0/port").asInt()).isEqualTo(8091);
            assertThat(rule.at("/to/0/podSelector/matchLabels")).isEqualTo(selector("router"));
        });
    }

    @Test
    void theCollectorOfTracesIsReachedWhereSomethingIsTraced() {
        var manifests = Chart.render("minimal", "traces: {part: 0.01, endpoint: 'http://collector.observe:4318'}",
                "networkPolicy: {traces: {peers: [{namespaceSelector: {matchLabels: {name: observe}}}]}}");
        for (var component : Manifests.COMPONENTS) {
            var egress = stream(manifests.one("NetworkPolicy", component).at("/spec/egress"));
            assertThat(egress).anySatisfy(rule -> {
                assertThat(rule.at("/ports/0/port").asInt()).isEqualTo(4318);
                assertThat(rule.path("to").toString()).contains("observe");
            });
            assertThat(manifests.variable(component, "REJOIN_TRACES").path("value").asText()).isEqualTo("0.01");
            assertThat(manifests.variable(component, "OTEL_EXPORTER_OTLP_ENDPOINT").path("value").asText())
                    .isEqualTo("http://collector.observe:4318");
            assertThat(Chart.render("minimal").one("NetworkPolicy", component).toString()).doesNotContain("4318");
        }
    }

    @Test
    void whoeverWatchesReadsTheMetricsOfEachPod() {
        var manifests = Chart.render("autoscaled-large");
        for (var component : Manifests.COMPONENTS) {
            var monitor = manifests.one("PodMonitor", component).path("spec");
            assertThat(monitor.at("/selector/matchLabels")).isEqualTo(selector(component));
            assertThat(monitor.at("/podMetricsEndpoints/0/relabelings/0/targetLabel").asText()).isEqualTo("instance");
            var port = Manifests.stream(manifests.container(component).path("ports"))
                    .filter(one -> one.path("name").equals(monitor.at("/podMetricsEndpoints/0/port"))).findFirst()
                    .orElseThrow().path("containerPort");
            var open = Manifests.stream(manifests.one("NetworkPolicy", component).at("/spec/ingress"))
                    .filter(rule -> rule.path("from").toString().contains("monitoring"))
                    .flatMap(rule -> Manifests.stream(rule.path("ports"))).map(one -> one.path("port"));
            assertThat(open).as(component).contains(port);
        }
        assertThat(Chart.render("minimal").kind("PodMonitor")).isEmpty();
        assertThat(manifests.variable("edge", "EDGE_METRICS_PORT").path("value").asText()).isEqualTo("9091");
        assertThat(manifests.one("Service", "edge").toString()).doesNotContain("9091", "metrics");
    }

    @Test
    void edgesLetInAnybodyOrThoseThatAreNamedAndTheTest() {
        assertThat(Chart.render("minimal").one("NetworkPolicy", "edge").at("/spec/ingress/0").has("from")).isFalse();
        var from = Chart.render("jwks-ingress").one("NetworkPolicy", "edge").at("/spec/ingress/0/from");
        assertThat(from).hasSize(2);
        assertThat(from.get(0).toString()).contains("ingress-nginx");
        assertThat(from.get(1).at("/podSelector/matchLabels")).isEqualTo(selector("test"));
    }

    @Test
    void eachReachesWhatItNeedsAndNothingElse() {
        var plain = Chart.render("minimal");
        assertThat(egressPorts(plain, "edge")).containsExactly(53, 53, 9092, 8090, 8091);
        assertThat(egressPorts(plain, "router")).containsExactly(53, 53, 9092);
        assertThat(egressPorts(plain, "history")).containsExactly(53, 53, 9092, 5432);
        assertThat(egressPorts(plain, "test")).containsExactly(53, 53, 8080);
        var narrow = Chart.render("gateway-networkpolicy");
        assertThat(egressPorts(narrow, "history")).as("ports of all brokers and of both databases")
                .containsExactly(53, 53, 9093, 9092, 6432, 5432);
        assertThat(narrow.one("NetworkPolicy", "history").at("/spec/egress/1/to").toString()).contains("kafka");
        assertThat(narrow.one("NetworkPolicy", "history").at("/spec/egress/2/to").toString()).contains("10.20.0.0/16");
        assertThat(egressPorts(Chart.render("jwks-ingress"), "edge")).as("and the keys of tokens").contains(443);
        assertThat(egressPorts(Chart.render("jwks-ingress", "auth: {jwks: {location: 'http://id:8180/keys'}}"), "edge"))
                .contains(8180);
        assertThat(egressPorts(Chart.render("hardened"), "edge")).as("keys in a file").doesNotContain(443)
                .contains(4317);
    }

    @Test
    void anIngressAndARouteLeadToEdgesAndDoNotCutWebSockets() {
        var ingress = Chart.render("jwks-ingress").one("Ingress", "edge");
        assertThat(ingress.at("/metadata/annotations/nginx.ingress.kubernetes.io~1proxy-read-timeout").asText())
                .isEqualTo("3600");
        assertThat(ingress.at("/spec/rules/0/http/paths/0/backend/service/name").asText()).isEqualTo("rejoin-edge");
        var route = Chart.render("gateway-networkpolicy").one("HTTPRoute", "edge");
        assertThat(route.at("/spec/rules/0/timeouts").toString())
                .isEqualTo("{\"backendRequest\":\"0s\",\"request\":\"0s\"}");
        assertThat(route.at("/spec/rules/0/backendRefs/0/name").asText()).isEqualTo("rooms-edge");
        assertThat(Chart.render("minimal").all())
                .noneMatch(one -> one.path("kind").asText().matches("Ingress|HTTPRoute"));
    }

    private static Stream<Integer> egressPorts(Manifests manifests, String component) {
        return stream(manifests.one("NetworkPolicy", component).at("/spec/egress"))
                .flatMap(rule -> stream(rule.path("ports"))).map(port -> port.path("port").asInt());
    }

    private static JsonNode selector(String component) {
        return Chart.YAML.createObjectNode().put("app.kubernetes.io/name", "rejoin")
                .put("app.kubernetes.io/instance", "rejoin").put("app.kubernetes.io/component", component);
    }
}
