package io.rejoin.router.link;

import io.rejoin.link.Frame;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.tracing.TraceHeaders;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.header.internals.RecordHeaders;
import org.apache.kafka.common.record.TimestampType;
import org.jspecify.annotations.Nullable;

/** The inlets of this router's shards, by partition: passes announced records to them. Safe for any thread. */
public final class Inlets {
    private record CommandLog(String topic, String id, RouterMeters meters) {}

    private final Map<Integer, Inlet<ConsumerRecord<byte[], byte[]>>> byPartition = new ConcurrentHashMap<>();
    private volatile @Nullable CommandLog commandLog;

    /**
     * Starts to accept announced records of this topic.
     *
     * @param id of the topic; edges name it in their announcement
     */
    public void startAccepting(String topic, String id, RouterMeters meters) {
        commandLog = new CommandLog(topic, id, meters);
    }

    public void add(int partition, Inlet<ConsumerRecord<byte[], byte[]>> inlet) {
        byPartition.put(partition, inlet);
    }

    public void remove(int partition, Inlet<ConsumerRecord<byte[], byte[]>> inlet) {
        byPartition.remove(partition, inlet);
    }

    /**
     * Accepts a record that an edge has appended. Ignores an edge that appends to another log, for example of another
     * installation.
     */
    public void onAnnounced(Frame.Hello edge, Frame.Appended appended) {
        var current = commandLog;
        if (current != null && current.id().equals(edge.log())) onAnnounced(current, appended);
    }

    /** Accepts a record that this router itself has appended. */
    public void onAnnounced(Frame.Appended appended) {
        var current = commandLog;
        if (current != null) onAnnounced(current, appended);
    }

    private void onAnnounced(CommandLog into, Frame.Appended appended) {
        var inlet = byPartition.get(appended.partition());
        if (inlet == null) return;
        var headers = new RecordHeaders();
        TraceHeaders.putContexts(headers, appended.contexts());
        var key = appended.key();
        var value = appended.value();
        var record = new ConsumerRecord<>(into.topic(), appended.partition(), appended.offset(), appended.ts(),
                TimestampType.LOG_APPEND_TIME, key.length, value.length, key, value, headers, Optional.empty());
        if (inlet.onAnnounced(record)) into.meters().countAnnounced();
    }
}
