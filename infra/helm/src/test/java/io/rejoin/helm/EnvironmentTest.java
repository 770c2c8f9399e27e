package io.rejoin.helm;

import static io.rejoin.helm.Manifests.COMPONENTS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.env.Settings;
import io.rejoin.edge.config.EdgeConfig;
import io.rejoin.history.HistoryConfig;
import io.rejoin.router.RouterConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Checks that the services accept the environment variables that the chart writes. */
class EnvironmentTest {
    @ParameterizedTest
    @MethodSource("io.rejoin.helm.Chart#sets")
    void theServicesTakeTheirEnvironment(String set) {
        var manifests = Chart.render(set);
        var edge = new Settings(manifests.environment("edge"));
        var config = EdgeConfig.read(edge);
        assertThat(config.history().url().getHost())
                .isEqualTo(manifests.one("Service", "history").at("/metadata/name").asText());
        var router = new Settings(manifests.environment("router"));
        RouterConfig.read(router);
        var history = new Settings(manifests.environment("history"));
        HistoryConfig.read(history);
        assertThat(edge.warnings()).isEmpty();
        assertThat(router.warnings()).isEmpty();
        assertThat(history.warnings()).isEmpty();
    }

    @Test
    void valuesArriveAsTheyAreMeant() {
        var manifests = Chart.render("autoscaled-large");
        var edge = EdgeConfig.from(manifests.environment("edge"));
        assertThat(edge.listen().connections()).isEqualTo(100_000);
        assertThat(edge.connection().outboxBytes()).isEqualTo(524_288);
        assertThat(edge.messages().confirmWithin()).isEqualTo(Duration.ofDays(7));
        assertThat(edge.drain().spread()).isEqualTo(Duration.ofMinutes(2));
        var environment = manifests.environment("router");
        environment.put("ROUTER_LINK_ADDRESS", "fd00:10::7"); // a pod's address in a cluster without IPv4
        var router = RouterConfig.from(environment);
        assertThat(router.link().address()).isEqualTo("[fd00:10::7]");
        assertThat(router.partitions()).isEqualTo(48);
        assertThat(router.replication()).isEqualTo((short) 3);
        assertThat(router.forgetAfter()).isGreaterThan(Duration.ofDays(3650));
        var history = HistoryConfig.from(manifests.environment("history"));
        assertThat(history.tailBytes()).isEqualTo(64 << 20);
        assertThat(history.startTimeout()).isEqualTo(Duration.ofMinutes(10));
        assertThat(history.retention()).hasToString("support-*=PT720H, @*=PT336H, acme/board=forever, PT8760H");
        assertThat(router.eventsRetention()).isEqualTo(Duration.ofDays(90));
    }

    /** Fails when a service has a new variable that the chart does not offer as a value. */
    @Test
    void everyVariableOfTheConfigurationIsAValueAndEveryValueStandsThere() throws IOException {
        var readme = Files.readString(Path.of("../README.md"));
        var tables = readme.substring(readme.indexOf("## Configuration"), readme.indexOf("## Open files"));
        var known = tables.lines().filter(line -> line.startsWith("| `"))
                .flatMap(line -> Arrays.stream(line.substring(0, line.indexOf(" |", 2)).split("`", -1)))
                .filter(word -> word.matches("(EDGE|ROUTER|HISTORY|KAFKA|REJOIN)_[A-Z_]+")).sorted().distinct()
                .toList();
        var written = new TreeSet<String>();
        for (var set : Chart.sets())
            for (var component : COMPONENTS) written.addAll(Chart.render(set).environment(component).keySet());
        written.addAll(Chart.render("minimal", "history: {adopt: x}", "auth: {defaultRooms: ['*']}")
                .environment("history").keySet());
        written.addAll(Chart.render("minimal", "auth: {defaultRooms: ['*']}").environment("edge").keySet());
        written.removeIf(name -> !name.matches("(EDGE|ROUTER|HISTORY|KAFKA|REJOIN)_.*"));
        written.removeIf(name -> name.startsWith("KAFKA_") && !name.equals("KAFKA_BOOTSTRAP_SERVERS")); // KAFKA_* there
        assertThat(written).containsExactlyElementsOf(known);
    }

    @ParameterizedTest
    @CsvSource({"edge, EDGE_DRAIN", "router, ROUTER_PORT", "history, HISTORY_DB_READERS"})
    void aVariableIsNotSetTwice(String component, String variable) {
        assertThatThrownBy(() -> Chart.render("minimal",
                "%s: {extraEnv: [{name: %s, value: '1'}]}".formatted(component, variable)))
                .hasMessageContaining(component + ".extraEnv: " + variable + " is set by the chart");
    }
}
