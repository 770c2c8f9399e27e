package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;

/**
 * What stands in {@code rejoin.edges}: the newest heartbeat of each edge.
 *
 * @param newest time of the newest record, which is about now while any router or edge runs, by the broker's clock; in
 *               milliseconds since the epoch, 0 when there is none
 */
record Heartbeats(List<Heard> edges, long newest) {
    /** A heartbeat, and when it came, in milliseconds since the epoch. */
    record Heard(EdgeHeartbeat heartbeat, long time) {}

    Heartbeats {
        edges = List.copyOf(edges);
    }

    static Heartbeats read(KafkaAccess kafka, PrintWriter err) {
        var found = new TreeMap<String, Heard>();
        var newest = new long[1];
        var topic = kafka.topics().edges();
        var progress = new Progress(err, "records of " + topic);
        try (var records = new TopicReader(kafka, topic)) {
            records.fromBeginning();
            records.readAll(progress, record -> {
                newest[0] = Math.max(newest[0], record.timestamp());
                if (record.key() == null) return;
                var key = new String(record.key(), UTF_8);
                if (record.value() == null) found.remove(key); // a router's beat, or an edge that is forgotten
                else
                    put(found, key, record.value(), record.timestamp());
            });
        }
        return new Heartbeats(List.copyOf(found.values()), newest[0]);
    }

    /** What cannot be read was put aside by routers: it is no edge. */
    private static void put(TreeMap<String, Heard> found, String key, byte[] value, long time) {
        try {
            found.put(key, new Heard(LogCodec.heartbeat(value), time));
        } catch (MalformedRecordException _) {
            found.remove(key);
        }
    }

    /** How long an edge has said nothing, by the broker's clock. */
    Duration silence(Heard edge) {
        return Duration.ofMillis(Math.max(0, newest - edge.time()));
    }
}
