package io.rejoin.helm;

import static io.rejoin.helm.Manifests.COMPONENTS;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that secrets are references, or are generated for a trial installation. */
class SecretsTest {
    private static final List<String> SECRETS = List.of("EDGE_JWT_SECRET", "EDGE_HISTORY_SECRET", "HISTORY_API_SECRET",
            "HISTORY_DB_PASSWORD", "ROUTER_LINK_SECRET", "EDGE_ROUTER_SECRET");

    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void noSecretStandsInAPod(String set) {
        var manifests = Chart.render(set);
        for (var component : COMPONENTS)
            for (var secret : SECRETS) {
                var variable = manifests.variable(component, secret);
                assertThat(variable.has("value")).as(component + " " + secret).isFalse();
                if (!variable.isMissingNode())
                    assertThat(variable.at("/valueFrom/secretKeyRef/name").asText()).isNotEmpty();
            }
    }

    @Test
    void eachIsTakenFromWhereTheValuesSay() {
        var manifests = Chart.render("gateway-networkpolicy");
        assertThat(manifests.variable("edge", "EDGE_JWT_SECRET").at("/valueFrom/secretKeyRef").toString())
                .isEqualTo("{\"name\":\"rejoin\",\"key\":\"token-key\"}");
        assertThat(manifests.variable("edge", "EDGE_HISTORY_SECRET").path("valueFrom"))
                .isEqualTo(manifests.variable("history", "HISTORY_API_SECRET").path("valueFrom"));
        assertThat(manifests.variable("edge", "EDGE_ROUTER_SECRET").path("valueFrom"))
                .isEqualTo(manifests.variable("router", "ROUTER_LINK_SECRET").path("valueFrom"));
        assertThat(manifests.variable("router", "ROUTER_LINK_SECRET").at("/valueFrom/secretKeyRef").toString())
                .isEqualTo("{\"name\":\"rejoin\",\"key\":\"link-secret\"}");
        assertThat(manifests.variable("history", "HISTORY_DB_PASSWORD").at("/valueFrom/secretKeyRef").toString())
                .isEqualTo("{\"name\":\"rejoin-database\",\"key\":\"password\"}");
        assertThat(manifests.kind("Secret")).isEmpty();
    }

    @Test
    void nobodyGetsSecretsOfOthers() {
        var manifests = Chart.render("minimal");
        assertThat(secrets(manifests, "router")).containsExactly("ROUTER_LINK_SECRET");
        assertThat(secrets(manifests, "edge")).containsExactlyInAnyOrder("EDGE_JWT_SECRET", "EDGE_HISTORY_SECRET",
                "EDGE_ROUTER_SECRET");
        assertThat(secrets(manifests, "history")).containsExactlyInAnyOrder("HISTORY_API_SECRET",
                "HISTORY_DB_PASSWORD");
    }

    @Test
    void aTryHasASecretOfItsOwnAndPodsFollowItsChanges() {
        var manifests = Chart.render("trial");
        var secret = manifests.kind("Secret").getFirst();
        for (var component : COMPONENTS)
            for (var name : SECRETS) {
                var reference = manifests.variable(component, name).at("/valueFrom/secretKeyRef");
                if (reference.isMissingNode()) continue;
                assertThat(reference.path("name")).isEqualTo(secret.at("/metadata/name"));
                assertThat(secret.path("stringData").has(reference.path("key").asText())).isTrue();
            }
        var changed = Chart.render("trial", "trialSecrets: {linkSecret: another-secret-of-a-try}");
        for (var component : List.of("edge", "router"))
            assertThat(changed.one("Deployment", component).at("/spec/template"))
                    .isNotEqualTo(manifests.one("Deployment", component).at("/spec/template"));
    }

    private static List<String> secrets(Manifests manifests, String component) {
        return SECRETS.stream().filter(manifests.environment(component)::containsKey).toList();
    }
}
