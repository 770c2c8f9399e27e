package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;

/**
 * The newest heartbeat of each edge, from {@code rejoin.edges}.
 *
 * @param newest time of the newest record of the topic, in milliseconds since the epoch by the broker's clock. It is
 *               about now while any router or edge runs; 0 when there is no record
 */
record Heartbeats(List<Heard> edges, long newest) {
    /**
     * The random end of an edge's id. The id is the edge's configured name, and this suffix, which each start draws
     * anew.
     */
    private static final Pattern DRAWN = Pattern.compile("-[0-9a-f]{12}$");

    /** The address of every edge in a container. It cannot identify an edge. */
    private static final Pattern ANY_HOST = Pattern.compile("^(0\\.0\\.0\\.0|\\[[0:]+]):");
    /** An edge whose last heartbeat is younger than this still runs. Edges send one every two seconds. */
    private static final Duration BEATS = Duration.ofSeconds(4);

    /**
     * The newest heartbeat of an edge. Times are in milliseconds since the epoch.
     *
     * @param since time of the edge's oldest heartbeat that is still in the topic
     * @param time  time of this heartbeat
     */
    record Heard(EdgeHeartbeat heartbeat, long since, long time) {
        /**
         * Whether the other edge is a restart of this one: it has the same name and address, and its heartbeats began
         * after the last one of this edge.
         */
        private boolean isReplacedBy(Heard other) {
            return other.since > time && heartbeat.address().equals(other.heartbeat.address())
                    && !ANY_HOST.matcher(heartbeat.address()).find() && name().isPresent()
                    && name().equals(other.name());
        }

        /** The edge's configured name. Empty if its id has another form. */
        private Optional<String> name() {
            var id = heartbeat.edge().edge();
            var drawn = DRAWN.matcher(id);
            return drawn.find() ? Optional.of(id.substring(0, drawn.start())) : Optional.empty();
        }
    }

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
                if (EdgeOrder.isKey(key)) return;
                if (record.value() == null) found.remove(key); // a router's heartbeat, or a deleted edge
                else
                    put(found, key, record.value(), record.timestamp());
            });
        }
        return new Heartbeats(List.copyOf(found.values()), newest[0]);
    }

    /** Adds a heartbeat. An unreadable record is no edge; routers have moved it to the dead letters. */
    private static void put(TreeMap<String, Heard> found, String key, byte[] value, long time) {
        try {
            var before = found.get(key);
            found.put(key, new Heard(LogCodec.heartbeat(value), before == null ? time : before.since(), time));
        } catch (MalformedRecordException _) {
            found.remove(key);
        }
    }

    /** All edges, without silent ones that have been restarted since. */
    List<Heard> latest() {
        return edges.stream().filter(each -> silence(each).compareTo(BEATS) <= 0
                || edges.stream().noneMatch(each::isReplacedBy)).toList();
    }

    /** The time since an edge's last heartbeat, by the broker's clock. */
    Duration silence(Heard edge) {
        return Duration.ofMillis(Math.max(0, newest - edge.time()));
    }
}
