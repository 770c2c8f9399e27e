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
 * What stands in {@code rejoin.edges}: the newest heartbeat of each edge.
 *
 * @param newest time of the newest record, which is about now while any router or edge runs, by the broker's clock; in
 *               milliseconds since the epoch, 0 when there is none
 */
record Heartbeats(List<Heard> edges, long newest) {
    /** An edge's id is the name that it was given, and this, drawn at each start. */
    private static final Pattern DRAWN = Pattern.compile("-[0-9a-f]{12}$");

    /** Edges in containers all have this address: it tells none from another. */
    private static final Pattern ANY_HOST = Pattern.compile("^(0\\.0\\.0\\.0|\\[[0:]+]):");
    /** Who was heard within this time still runs: edges are heard every two seconds. */
    private static final Duration BEATS = Duration.ofSeconds(4);

    /**
     * A heartbeat. Times are in milliseconds since the epoch.
     *
     * @param since when the first one came that is still there
     * @param time  when it came
     */
    record Heard(EdgeHeartbeat heartbeat, long since, long time) {
        /** Whether the other one is the same edge, started anew: of the same name and address, and never heard beside it. */
        private boolean isReplacedBy(Heard other) {
            return other.since > time && heartbeat.address().equals(other.heartbeat.address())
                    && !ANY_HOST.matcher(heartbeat.address()).find() && name().isPresent()
                    && name().equals(other.name());
        }

        /** What it was given as its name. Empty if its id has another form. */
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
            var before = found.get(key);
            found.put(key, new Heard(LogCodec.heartbeat(value), before == null ? time : before.since(), time));
        } catch (MalformedRecordException _) {
            found.remove(key);
        }
    }

    /** The edges without those that are silent and were started anew since. */
    List<Heard> latest() {
        return edges.stream().filter(each -> silence(each).compareTo(BEATS) <= 0
                || edges.stream().noneMatch(each::isReplacedBy)).toList();
    }

    /** How long an edge has said nothing, by the broker's clock. */
    Duration silence(Heard edge) {
        return Duration.ofMillis(Math.max(0, newest - edge.time()));
    }
}
