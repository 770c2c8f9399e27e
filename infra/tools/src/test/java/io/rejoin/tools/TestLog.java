package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.TopicExistsException;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** Writes and reads topics of a broker, and runs the tool on them. */
final class TestLog implements AutoCloseable {
    /** The result of a run of the tool. */
    record Run(int code, String out, String err) {}

    private final String servers;
    private final Map<String, String> environment;
    private final KafkaProducer<byte[], byte[]> producer;

    TestLog(String servers) {
        this(servers, Map.of());
    }

    /** @param environment the tool's environment variables, without the broker's address */
    TestLog(String servers, Map<String, String> environment) {
        this.servers = servers;
        this.environment = new HashMap<>(environment);
        this.environment.put("KAFKA_BOOTSTRAP_SERVERS", servers);
        this.producer = new KafkaProducer<>(
                Map.of("bootstrap.servers", servers, "acks", "all", "max.in.flight.requests.per.connection", 1),
                new ByteArraySerializer(), new ByteArraySerializer());
    }

    void create(String topic, int partitions) throws InterruptedException, ExecutionException {
        try (var admin = Admin.create(Map.of("bootstrap.servers", servers))) {
            admin.createTopics(List.of(new NewTopic(topic, partitions, (short) 1))).all().get();
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof TopicExistsException)) throw e;
        }
    }

    /** Appends a record; its offset. */
    long send(ProducerRecord<byte[], byte[]> record) throws InterruptedException, ExecutionException {
        return producer.send(record).get().offset();
    }

    public List<ConsumerRecord<byte[], byte[]>> read(String topic, int partition) {
        var only = new TopicPartition(topic, partition);
        try (var consumer = new KafkaConsumer<>(Map.of("bootstrap.servers", servers), new ByteArrayDeserializer(),
                new ByteArrayDeserializer())) {
            consumer.assign(List.of(only));
            consumer.seekToBeginning(List.of(only));
            var end = consumer.endOffsets(List.of(only)).getOrDefault(only, 0L);
            var found = new ArrayList<ConsumerRecord<byte[], byte[]>>();
            while (consumer.position(only) < end) consumer.poll(Duration.ofSeconds(1)).forEach(found::add);
            return found;
        }
    }

    Run run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var code = RejoinctlMain.run(environment, new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Run(code, out.toString(), err.toString());
    }

    static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }

    @Override
    public void close() {
        producer.close();
    }
}
