package io.rejoin.helm;

import static io.rejoin.helm.Manifests.COMPONENTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

/** Checks the settings for a Kafka that requires authentication. */
class KafkaTest {
    @Test
    void settingsOfAllAndOfOneServiceBecomeVariables() {
        var manifests = Chart.render("minimal", """
                kafka:
                  prefix: team-a.
                  settings: {security.protocol: SASL_SSL, sasl.mechanism: SCRAM-SHA-512, fetch.min.bytes: 1048576}
                  files: {existingSecret: ca}
                edge:
                  kafka:
                    settings: {sasl.mechanism: SCRAM-SHA-256}
                    secretSettings: {sasl.jaas.config: {existingSecret: edge-user, key: sasl.jaas.config}}
                    files: {existingSecret: edge-keys}
                """);
        assertThat(manifests.environment("router")).containsEntry("REJOIN_PREFIX", "team-a.")
                .containsEntry("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
                .containsEntry("KAFKA_SASL_MECHANISM", "SCRAM-SHA-512")
                .containsEntry("KAFKA_FETCH_MIN_BYTES", "1048576")
                .doesNotContainKey("KAFKA_SASL_JAAS_CONFIG");
        assertThat(manifests.environment("edge")).containsEntry("KAFKA_SASL_MECHANISM", "SCRAM-SHA-256");
        assertThat(manifests.variable("edge", "KAFKA_SASL_JAAS_CONFIG").at("/valueFrom/secretKeyRef/name").asText())
                .isEqualTo("edge-user");
        for (var component : COMPONENTS)
            assertThat(manifests.container(component).path("volumeMounts").toString()).contains("\"/kafka\"");
        assertThat(manifests.container("edge").path("volumeMounts").toString()).contains("/kafka-own");
        assertThat(manifests.container("router").path("volumeMounts").toString()).doesNotContain("/kafka-own");
        assertThat(manifests.pod("edge").path("volumes").toString()).contains("edge-keys");
    }

    @Test
    void aSettingIsNotBothInPlainAndASecret() {
        assertThatThrownBy(() -> Chart.render("minimal", """
                kafka:
                  settings: {client.id: me}
                  secretSettings: {client.id: {existingSecret: ids, key: id}}
                """)).hasMessageContaining("client.id stands both");
    }

    /** The example's users and ACLs must have the names that its values use. */
    @Test
    void theExampleLogsInAsTheUsersThatItMakes() throws IOException {
        var values = Files.readString(Path.of("examples/values.yaml"));
        var manifests = Chart.render("minimal", values);
        var made = Files.readString(Path.of("examples/kafka.yaml"));
        for (var component : COMPONENTS) {
            var user = manifests.variable(component, "KAFKA_SASL_JAAS_CONFIG").at("/valueFrom/secretKeyRef/name")
                    .asText();
            assertThat(made).contains("name: " + user + "\n");
            assertThat(manifests.environment(component)).containsEntry("KAFKA_SECURITY_PROTOCOL", "SASL_SSL")
                    .containsEntry("KAFKA_SSL_TRUSTSTORE_LOCATION", "/kafka/ca.crt");
        }
    }
}
