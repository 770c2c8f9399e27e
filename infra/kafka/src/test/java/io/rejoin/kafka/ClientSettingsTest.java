package io.rejoin.kafka;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.Settings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.clients.consumer.ConsumerConfig;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ClientSettingsTest {
    private static final String JAAS = "org.apache.kafka.common.security.scram.ScramLoginModule required"
            + " username=\"rejoin-edge\" password=\"open sesame\";";

    private static KafkaAccess read(Map<String, String> env) {
        var settings = new Settings(env);
        var access = KafkaAccess.read(settings);
        settings.check();
        return access;
    }

    private static ClientSettings settings(Map<String, String> env) {
        var settings = new Settings(env);
        var read = ClientSettings.read(settings);
        settings.check();
        return read;
    }

    @Test
    void withoutAnyThereIsOnlyTheBroker() {
        assertThat(read(Map.of())).isEqualTo(KafkaAccess.of("127.0.0.1:9092"));
        assertThat(read(Map.of("KAFKA_BOOTSTRAP_SERVERS", "k:1", "REJOIN_PREFIX", "team-a.")))
                .isEqualTo(KafkaAccess.of("k:1", new TopicNames("team-a.")));
    }

    @Test
    void aVariableIsASetting() {
        assertThat(settings(Map.of("KAFKA_CLIENT_DNS_LOOKUP", "use_all_dns_ips", "KAFKA_LINGER_MS", "5")).values())
                .isEqualTo(Map.of("client.dns.lookup", "use_all_dns_ips", "linger.ms", "5"));
    }

    @Test
    void aFileHasTheValueOfASecret(@TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("jaas"), JAAS + "\n");
        var read = settings(Map.of("KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "KAFKA_SASL_MECHANISM", "SCRAM-SHA-512",
                "KAFKA_SASL_JAAS_CONFIG_FILE", file.toString()));
        assertThat(read.values()).containsEntry("sasl.jaas.config", JAAS);
        assertThat(read.principal()).isEqualTo("User:rejoin-edge");
        assertThat(read.toString()).contains("security.protocol=SASL_SSL", "sasl.jaas.config=***")
                .doesNotContain("sesame");
    }

    @Test
    void aSettingWhoseNameEndsInFileIsOneItself() {
        assertThat(settings(Map.of("KAFKA_SASL_OAUTHBEARER_ASSERTION_FILE", "/run/token")).values())
                .isEqualTo(Map.of("sasl.oauthbearer.assertion.file", "/run/token"));
    }

    @ParameterizedTest
    @CsvSource({"KAFKA_SECURITY_PROTOCL, SSL, did you mean KAFKA_SECURITY_PROTOCOL",
            "KAFKA_LISTENERS, PLAINTEXT://:9092, not a setting of Kafka's clients",
            "KAFKA_SASL_JAAS_CONFIG_FILE, /no/such, there is no file /no/such",
            "KAFKA_SECURITY_PROTOCOL, TLS, KAFKA_SECURITY_PROTOCOL is refused by Kafka's client",
            "KAFKA_LINGER_MS, 5s, KAFKA_LINGER_MS must be a whole number from 0 to 1000",
            "KAFKA_LINGER_MS, 20000, KAFKA_LINGER_MS must be a whole number from 0 to 1000",
            "KAFKA_FETCH_MAX_WAIT_MS, soon, KAFKA_FETCH_MAX_WAIT_MS is refused by Kafka's client",
            "KAFKA_METRIC_REPORTERS, com.example.None, KAFKA_METRIC_REPORTERS", "KAFKA_ACKS, 1, could lose",
            "KAFKA_SESSION_TIMEOUT_MS, 1000, ROUTER_SESSION_TIMEOUT", "KAFKA_GROUP_ID, mine, REJOIN_PREFIX",
            "REJOIN_PREFIX, team/a, REJOIN_PREFIX is a prefix of topic names"})
    void whatCannotBeUsedIsNamed(String name, String value, String said) {
        assertThatThrownBy(() -> read(Map.of(name, value))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContainingAll(name, said);
    }

    @Test
    void whatOnlyShowsWhenAClientIsOpenedIsNamedAtTheStart(@TempDir Path folder) throws IOException {
        assertThatThrownBy(() -> settings(Map.of("KAFKA_SECURITY_PROTOCOL", "SSL", "KAFKA_SSL_TRUSTSTORE_TYPE", "PEM",
                "KAFKA_SSL_TRUSTSTORE_LOCATION", "/no/ca.pem")))
                .hasMessageContainingAll("KAFKA_SSL_TRUSTSTORE_LOCATION", "/no/ca.pem");
        var garbage = Files.writeString(folder.resolve("ca.pem"), "no certificate").toString();
        assertThatThrownBy(() -> settings(Map.of("KAFKA_SECURITY_PROTOCOL", "SSL", "KAFKA_SSL_TRUSTSTORE_TYPE", "PEM",
                "KAFKA_SSL_TRUSTSTORE_LOCATION", garbage)))
                .hasMessageContainingAll("KAFKA_SSL_TRUSTSTORE_LOCATION", garbage);
        assertThatThrownBy(() -> settings(Map.of("KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "KAFKA_SASL_MECHANISM",
                "PLAIN")))
                .hasMessageContainingAll("KAFKA_SASL_MECHANISM", "JAAS");
        assertThatThrownBy(() -> settings(Map.of("KAFKA_SECURITY_PROTOCOL", "SASL_SSL", "KAFKA_SASL_MECHANISM",
                "PLAIN", "KAFKA_SASL_JAAS_CONFIG", "password=\"open sesame\"")))
                .hasMessageContaining("KAFKA_SASL_JAAS_CONFIG").hasMessageNotContaining("sesame");
    }

    @Test
    void allThatIsWrongIsNamedAtOnce() {
        assertThatThrownBy(() -> read(Map.of("KAFKA_ACKS", "0", "KAFKA_RETRIES", "1", "KAFKA_BOOTSTRAP_SERVERS", "k")))
                .hasMessageContainingAll("KAFKA_ACKS", "KAFKA_RETRIES", "KAFKA_BOOTSTRAP_SERVERS");
    }

    @Test
    void aValueAndAFileAtOnceAreRefused(@TempDir Path folder) throws IOException {
        var file = Files.writeString(folder.resolve("id"), "x").toString();
        assertThatThrownBy(() -> settings(Map.of("KAFKA_CLIENT_ID", "a", "KAFKA_CLIENT_ID_FILE", file)))
                .hasMessageContaining("both");
    }

    /** Kubernetes sets such variables in every pod if a Service is named kafka. Kafka's own scripts read others. */
    @ParameterizedTest
    @ValueSource(strings = {"KAFKA_PORT=tcp://10.0.0.1:9092", "KAFKA_SERVICE_HOST=10.0.0.1", "KAFKA_SERVICE_PORT=9092",
            "KAFKA_SERVICE_PORT_CLIENTS=9092", "KAFKA_PORT_9092_TCP_ADDR=10.0.0.1",
            "KAFKA_BROKERS_PORT=tcp://10.0.0.1:9092", "KAFKA_HOME=/opt/kafka", "KAFKA_HEAP_OPTS=-Xmx1g",
            "KAFKA_LOG4J_OPTS=-Dx", "KAFKA_ACKS="})
    void whatIsNotMeantForUsEndsNoStart(String variable) {
        var parts = variable.split("=", 2);
        assertThat(settings(Map.of(parts[0], parts[1]))).isEqualTo(ClientSettings.NONE);
    }

    @Test
    void everyNameOfKafkasCanBeWrittenAsAVariable() {
        var names = new HashSet<>(ConsumerConfig.configNames());
        names.addAll(ProducerConfig.configNames());
        names.addAll(AdminClientConfig.configNames());
        assertThat(names).allSatisfy(name -> assertThat(name).matches("[a-z0-9.]+"));
        assertThat(names).containsAll(LockedSettings.settings());
    }

    @Test
    void aClientGetsOnlyWhatItKnows() {
        var read = settings(Map.of("KAFKA_LINGER_MS", "5", "KAFKA_FETCH_MIN_BYTES", "2", "KAFKA_CLIENT_ID", "me"));
        assertThat(read.of(ProducerConfig.configDef())).isEqualTo(Map.of("linger.ms", "5", "client.id", "me"));
        assertThat(read.of(ConsumerConfig.configDef())).isEqualTo(Map.of("fetch.min.bytes", "2", "client.id", "me"));
        assertThat(read.of(AdminClientConfig.configDef())).isEqualTo(Map.of("client.id", "me"));
    }

    /** Kafka's clients refuse a request timeout that is longer than the timeout of a delivery or of an admin call. */
    @Test
    void aLongTimeForRequestsStaysWithinTheBoundsOfAClient() {
        var access = read(Map.of("KAFKA_REQUEST_TIMEOUT_MS", "30000", "KAFKA_LINGER_MS", "20"));
        access.producer(Map.of("delivery.timeout.ms", 4_000, "request.timeout.ms", 2_000)).close(Duration.ZERO);
        access.admin(Map.of("default.api.timeout.ms", 5_000)).close(Duration.ZERO);
        access.consumer(Map.of("group.id", "g")).close();
    }
}
