package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.Json;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Tests the exit status and the output of processes, for the supervisor or person that starts them. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class ExitStatusIT {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String EDGE = "io.rejoin.edge.EdgeMain";
    private static final String ROUTER = "io.rejoin.router.RouterMain";
    private static final String HISTORY = "io.rejoin.history.HistoryMain";

    @TempDir
    private Path folder;

    private record Ended(int status, List<String> output) {}

    private Process start(String main, Map<String, String> environment, String... arguments) throws IOException {
        return start(List.of(), main, environment, arguments);
    }

    private Process start(List<String> more, String main, Map<String, String> environment, String... arguments)
            throws IOException {
        var options = new ArrayList<>(List.of("-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
        options.addAll(more);
        var builder = new ProcessBuilder(Jvm.command(options, main, arguments)).redirectErrorStream(true)
                .redirectOutput(output().toFile());
        builder.environment().putAll(environment);
        return builder.start();
    }

    private Path output() {
        return folder.resolve("output");
    }

    private List<String> lines() throws IOException {
        return Files.readAllLines(output()).stream().filter(line -> line.startsWith("rejoin")).toList();
    }

    private Ended end(Process process) throws Exception {
        try {
            assertThat(process.waitFor(PATIENCE)).as("it ends").isTrue();
            assertThat(Files.readString(output())).doesNotContain("\tat ", "s3cret");
            return new Ended(process.exitValue(), lines());
        } finally {
            process.destroyForcibly();
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
            EDGE + " | EDGE_PORT=x EDGE_HOST=192.0.2.1 | EDGE_PORT must be a whole number",
            EDGE + " | EDGE_AUTH=jwt EDGE_JWKS=/no/such/file | EDGE_JWKS cannot be read: /no/such/file",
            ROUTER + " | KAFKA_BOOTSTRAP_SERVERS=kafka ROUTER_PORT=99999 | KAFKA_BOOTSTRAP_SERVERS must be host:port",
            HISTORY + " | HISTORY_JDBC_URL=jdbc:postgresql://u:s3cret@db/r | HISTORY_JDBC_URL must not hold a user",
            "io.rejoin.standalone.StandaloneMain | EDGE_HEARTBEAT=often | EDGE_HEARTBEAT must be a duration",
            "io.rejoin.tools.RejoinctlMain | KAFKA_BOOTSTRAP_SERVERS=kafka | KAFKA_BOOTSTRAP_SERVERS must be host:port"})
    void aConfigurationThatCannotBeUsedIsOneLineAndStatus2(String main, String settings, String said) throws Exception {
        var environment = new HashMap<String, String>();
        for (var each : settings.split(" ", -1)) environment.put(each.split("=", 2)[0], each.split("=", 2)[1]);

        var ended = end(main.endsWith("RejoinctlMain") ? start(main, environment, "lag") : start(main, environment));

        assertThat(ended.status()).isEqualTo(2);
        assertThat(ended.output()).singleElement().asString().contains(said);
    }

    @Test
    void aPortThatIsTakenIsOneLineAndStatus1ForItMayBecomeFree() throws Exception {
        try (var taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            var ended = end(start(ROUTER, Map.of("ROUTER_PORT", "" + taken.getLocalPort())));

            assertThat(ended.status()).isEqualTo(1);
            assertThat(ended.output()).singleElement().asString().contains("another process uses ROUTER_PORT");
        }
    }

    @ParameterizedTest
    @CsvSource({EDGE + ",waiting for Kafka", ROUTER + ",waiting for Kafka", HISTORY + ",waits for PostgreSQL"})
    void whoeverIsStoppedWhileItStartsEndsAtOnceWith0(String main, String sign) throws Exception {
        var nowhere = Map.of("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1", "HISTORY_JDBC_URL",
                "jdbc:postgresql://127.0.0.1:1/rejoin", "EDGE_AUTH", "dev", "EDGE_PORT", "0", "ROUTER_PORT", "0",
                "HISTORY_PORT", "0", "REJOIN_LOG", "INFO");
        var process = start(main, nowhere);
        await().atMost(PATIENCE).until(() -> Files.readString(output()).contains(sign));

        process.destroy();

        assertThat(end(process)).isEqualTo(new Ended(0, List.of()));
    }

    @ParameterizedTest
    @CsvSource({EDGE + ", edge", ROUTER + ", router", HISTORY + ", history"})
    void aLogOfJsonIsNothingElseAndAsMuchAsIsAskedFor(String main, String service) throws Exception {
        var nowhere = Map.of("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:1", "HISTORY_JDBC_URL",
                "jdbc:postgresql://127.0.0.1:1/rejoin", "EDGE_AUTH", "dev", "EDGE_PORT", "0", "ROUTER_PORT", "0",
                "HISTORY_PORT", "0", "REJOIN_LOG", "INFO", "REJOIN_LOG_FORMAT", "json");
        var asDeployed = List.of("-Dlogback.configurationFile=logback.xml"); // not the tests' log configuration
        var process = start(asDeployed, main, nowhere);
        await().atMost(PATIENCE).until(() -> Files.readString(output()).contains("\"level\":\"INFO\""));

        process.destroy();

        assertThat(end(process).status()).isZero();
        assertThat(Files.readAllLines(output())).isNotEmpty().allSatisfy(
                line -> assertThat(Json.MAPPER.readTree(line).path("service").asText()).isEqualTo(service));
    }
}
