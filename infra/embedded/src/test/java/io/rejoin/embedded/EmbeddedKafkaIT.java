package io.rejoin.embedded;

import static java.time.Duration.ofSeconds;
import static org.apache.kafka.clients.producer.ProducerConfig.BOOTSTRAP_SERVERS_CONFIG;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.StringDeserializer;
import org.apache.kafka.common.serialization.StringSerializer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmbeddedKafkaIT {
    private static final String TOPIC = "letters";

    @TempDir
    private Path folder;

    @Test
    void acknowledgedRecordsSurviveKillAndRestartAndANewStart() throws Exception {
        try (var kafka = EmbeddedKafka.start(folder, 0)) {
            createTopic(kafka);
            send(kafka, "a");
            var before = kafka.pid();
            kafka.kill();
            assertThat(ProcessHandle.of(before).filter(ProcessHandle::isAlive)).isEmpty();

            kafka.restart();
            assertThat(kafka.pid()).isNotEqualTo(before);
            send(kafka, "b");
            assertThat(read(kafka, 2)).containsExactly("a", "b");
        }
        assertThat(folder.resolve("log/.kafka_cleanshutdown")).as("closed in order").exists();
        try (var kafka = EmbeddedKafka.start(folder, 0)) {
            assertThat(read(kafka, 2)).containsExactly("a", "b");
        }
    }

    @Test
    void clientsOfAnotherListenerGoWhereItIsAdvertised() throws Exception {
        var there = Ports.free();
        var proxied = new EmbeddedKafka.Listener("PROXIED", Ports.free(), there);
        try (var _ = EmbeddedKafka.start(folder, 0,
                List.of(proxied, new EmbeddedKafka.Listener("THERE", there, there)));
                var admin = Admin.create(Map.of(BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + proxied.port()))) {
            assertThat(admin.describeCluster().nodes().get(60, TimeUnit.SECONDS)).extracting(Node::port)
                    .containsExactly(proxied.advertised());
        }
    }

    @Test
    void aFolderHasOneOwner() {
        try (var _ = EmbeddedKafka.start(folder, 0)) {
            assertThatThrownBy(() -> EmbeddedKafka.start(folder, 0)).isInstanceOf(StartException.class)
                    .hasMessageContaining("in use");
        }
    }

    @Test
    void aPortThatIsTakenIsSaidWithTheBrokersOwnWords() throws Exception {
        try (var first = EmbeddedKafka.start(folder.resolve("first"), 0)) {
            var port = Integer.parseInt(first.bootstrapServers().split(":", -1)[1]);
            assertThatThrownBy(() -> EmbeddedKafka.start(folder.resolve("second"), port))
                    .isInstanceOf(StartException.class).hasMessageContaining("broker.log")
                    .hasMessageContaining("Address already in use");
        }
    }

    @Test
    void theSharedBrokerIsOne() {
        assertThat(EmbeddedKafka.shared()).isSameAs(EmbeddedKafka.shared());
    }

    private static void createTopic(EmbeddedKafka kafka) throws ExecutionException, InterruptedException {
        try (var admin = Admin.create(Map.of(BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers()))) {
            admin.createTopics(List.of(new NewTopic(TOPIC, 1, (short) 1))).all().get();
        }
    }

    private static void send(EmbeddedKafka kafka, String value) throws Exception {
        var settings = Map.<String, Object>of(BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        try (var producer = new KafkaProducer<>(settings, new StringSerializer(), new StringSerializer())) {
            producer.send(new ProducerRecord<>(TOPIC, value)).get(60, TimeUnit.SECONDS);
        }
    }

    private static List<String> read(EmbeddedKafka kafka, int count) {
        var settings = Map.<String, Object>of(BOOTSTRAP_SERVERS_CONFIG, kafka.bootstrapServers());
        var partition = new TopicPartition(TOPIC, 0);
        var values = new ArrayList<String>();
        try (var consumer = new KafkaConsumer<>(settings, new StringDeserializer(), new StringDeserializer())) {
            consumer.assign(List.of(partition));
            consumer.seekToBeginning(List.of(partition));
            var bound = System.nanoTime() + ofSeconds(60).toNanos();
            while (values.size() < count && System.nanoTime() < bound)
                consumer.poll(ofSeconds(1)).forEach(letter -> values.add(letter.value()));
        }
        return values;
    }
}
