package io.rejoin.e2e.chaos;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.TopicNames;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;

/**
 * Records that no service of Rejoin would write. {@code rejoin.state} gets none: a shard that finds an unreadable
 * record there stops by design, because it cannot know what it has lost.
 */
final class Poison {
    /** Topics whose readers must tolerate unreadable records. */
    static final List<String> TOPICS = List.of(TopicNames.PLAIN.commands(), TopicNames.PLAIN.events(),
            TopicNames.PLAIN.edges(), TopicNames.PLAIN.deadLetters());

    private static final List<String> SHAPES = List.of("", "null", "[]", "{}", "7", "\"text\"", "{\"v\":1}",
            "{\"v\":1,\"commands\":null}", "{\"v\":1,\"commands\":[null]}", "{\"v\":1,\"commands\":[{}]}",
            "{\"v\":1,\"commands\":[{\"type\":\"dance\",\"room\":\"default/poison\"}]}",
            "{\"v\":1,\"commands\":[{\"type\":\"post\",\"room\":7,\"user\":[],\"connection\":{},\"edge\":true}]}",
            "{\"v\":1,\"commands\":[{\"type\":\"join\",\"room\":\"\",\"user\":\"u\",\"connection\":\"c\"}]}",
            "{\"v\":1,\"batch\":null}", "{\"v\":1,\"batch\":{\"edge\":\"e\",\"incarnation\":1,\"entries\":[null]}}",
            "{\"v\":1,\"batch\":{\"edge\":null,\"incarnation\":\"x\",\"entries\":{}}}",
            "{\"v\":1,\"heartbeat\":null}", "{\"v\":1,\"heartbeat\":{\"edge\":null,\"address\":7}}",
            // future versions
            "{\"v\":2,\"commands\":[]}", "{\"v\":2147483647,\"batch\":{}}", "{\"v\":99,\"heartbeat\":{\"new\":true}}",
            // numbers that are too large for the fields' types
            "{\"v\":1e400}", "{\"v\":99999999999999999999,\"commands\":[]}",
            "{\"v\":1,\"commands\":[{\"type\":\"edge_lost\",\"edge\":\"e\",\"incarnation\":1e308}]}",
            "{\"v\":1,\"heartbeat\":{\"edge\":{\"edge\":\"e\",\"incarnation\":99999999999999999999,\"partition\":0}}}",
            "{\"room\":\"default/poison\",\"epoch\":1e99,\"seq\":1e99,\"user\":\"u\",\"text\":\"t\",\"ts\":1e99}",
            "{\"room\":\"no tenant\",\"epoch\":1,\"seq\":-1,\"user\":\"u\",\"ts\":0}");
    /**
     * Command records of version 4 and later, in hex: truncated ones, one with an unknown command, one of a future
     * version.
     */
    private static final List<String> BINARY = List.of("04", "0400", "04000001", "0400010163", "04000101ff",
            "040001027f00",
            "04000108", "04ffffffffffffffffff01", "050000", "00", "1f");
    private static final List<String> SOURCES = List.of("", "0", "0:0", "-1:-1:-1", "a:b:c", "1:2:3:4",
            "0:99999999999999999999:0");
    private static final List<String> TYPES = List.of("io.rejoin.message.posted.v1", "io.rejoin.member.joined.v1",
            "io.rejoin.message.posted.v99", "");

    private Poison() {}

    /**
     * Sends one record of each sort, in random order and to random partitions. Records that Kafka refuses are ignored.
     */
    static void into(String bootstrapServers, String topic, Random random) {
        try (var producer = new KafkaProducer<>(Map.<String, Object>of(ProducerConfig.BOOTSTRAP_SERVERS_CONFIG,
                bootstrapServers, ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, 5_000,
                ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 3_000, ProducerConfig.LINGER_MS_CONFIG, 1,
                ProducerConfig.MAX_BLOCK_MS_CONFIG, 5_000), new ByteArraySerializer(), new ByteArraySerializer())) {
            var partitions = producer.partitionsFor(topic).size();
            for (var value : values(random)) {
                var record = new ProducerRecord<byte[], byte[]>(topic, random.nextInt(partitions), key(random), value);
                addHeaders(record, random);
                var _ = producer.send(record);
            }
            producer.flush();
            producer.close(Duration.ofSeconds(5));
        } catch (TimeoutException _) { // Kafka is down because of another fault
        }
    }

    private static List<byte @Nullable []> values(Random random) {
        var values = new ArrayList<byte @Nullable []>();
        values.add(null);
        for (var n = 0; n < 5; n++) values.add(bytes(random, 1 + random.nextInt(400)));
        for (var shape : SHAPES) values.add(shape.getBytes(UTF_8));
        for (var hex : BINARY) values.add(HexFormat.of().parseHex(hex));
        values.add(("{\"v\":1,\"commands\":" + "[".repeat(20_000)).getBytes(UTF_8));
        values.add(("{\"v\":1,\"batch\":" + "{\"a\":".repeat(3_000) + "1" + "}".repeat(3_001)).getBytes(UTF_8));
        values.add(("{\"v\":" + "9".repeat(5_000) + "}").getBytes(UTF_8));
        values.add(("\"" + "x".repeat(200_000) + "\"").getBytes(UTF_8));
        Collections.shuffle(values, random);
        return values;
    }

    private static byte @Nullable [] key(Random random) {
        return switch (random.nextInt(4)) {
            case 0 -> null;
            case 1 -> new byte[0];
            case 2 -> bytes(random, 20);
            default -> "default/poison".getBytes(UTF_8);
        };
    }

    private static void addHeaders(ProducerRecord<byte[], byte[]> record, Random random) {
        var headers = record.headers();
        if (random.nextBoolean()) headers.add("ce_type", TYPES.get(random.nextInt(TYPES.size())).getBytes(UTF_8));
        if (random.nextBoolean()) headers.add("ce_id", SOURCES.get(random.nextInt(SOURCES.size())).getBytes(UTF_8));
        switch (random.nextInt(5)) {
            case 0 -> headers.add("ce_id", null);
            case 1 -> headers.add("ce_type", bytes(random, 50));
            case 2 -> headers.add("h".repeat(2_000), bytes(random, 2_000));
            case 3 -> headers.add("rejoin-from", bytes(random, 10)).add("rejoin-from", null);
            default -> {
                // no header
            }
        }
    }

    private static byte[] bytes(Random random, int length) {
        var bytes = new byte[length];
        random.nextBytes(bytes);
        return bytes;
    }
}
