package io.rejoin.embedded;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BrokerCommandTest {
    @TempDir
    private Path folder = Path.of("");

    @Test
    void givenSettingsCountUnlessTheBrokerIsNotAloneWithThem() throws IOException {
        var properties = properties(Map.of("broker.heartbeat.interval.ms", "2000", "num.io.threads", "8",
                "default.replication.factor", "3", "listeners", "CLIENT://:1"));

        assertThat(properties).containsEntry("broker.heartbeat.interval.ms", "2000")
                .containsEntry("num.io.threads", "8")
                .containsEntry("default.replication.factor", "1")
                .containsEntry("listeners", "CLIENT://127.0.0.1:9092,CONTROLLER://127.0.0.1:9093");
    }

    @Test
    void withoutAnyItHasThoseThatContainersHave() throws IOException {
        assertThat(properties(Map.of())).containsAllEntriesOf(BrokerCommand.settings());
    }

    private Properties properties(Map<String, String> settings) throws IOException {
        var file = BrokerCommand.properties(folder, List.of(new EmbeddedKafka.Listener("CLIENT", 9092, 9092)),
                settings, 9093);
        var properties = new Properties();
        try (var reader = Files.newBufferedReader(file)) {
            properties.load(reader);
        }
        return properties;
    }
}
