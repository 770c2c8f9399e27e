package io.rejoin.router.kafka;

import io.rejoin.link.Frame;
import io.rejoin.router.link.Inlet;
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
    private record Log(String topic, String id, RouterMeters meters) {}

    private final Map<Integer, Inlet<ConsumerRecord<byte[], byte[]>>> open = new ConcurrentHashMap<>();
    private volatile @Nullable Log log;

    /**
     * Starts to accept announced records of this topic.
     *
     * @param id of the topic; edges name it in their announcement
     */
    public void begin(String topic, String id, RouterMeters meters) {
        log = new Log(topic, id, meters);
    }

    void add(int partition, Inlet<ConsumerRecord<byte[], byte[]>> inlet) {
        open.put(partition, inlet);
    }

    void remove(int partition, Inlet<ConsumerRecord<byte[], byte[]>> inlet) {
        open.remove(partition, inlet);
    }

    /**
     * Takes a record that an edge has appended. Ignores an edge that appends to another log, for example of another
     * installation.
     */
    public void announced(Frame.Hello edge, Frame.Appended appended) {
        var present = log;
        if (present != null && present.id().equals(edge.log())) announced(present, appended);
    }

    /** Takes a record that this router itself has appended. */
    void announced(Frame.Appended appended) {
        var present = log;
        if (present != null) announced(present, appended);
    }

    private void announced(Log to, Frame.Appended appended) {
        var inlet = open.get(appended.partition());
        if (inlet == null) return;
        var headers = new RecordHeaders();
        TraceHeaders.putContexts(headers, appended.contexts());
        var key = appended.key();
        var value = appended.value();
        var record = new ConsumerRecord<>(to.topic(), appended.partition(), appended.offset(), appended.ts(),
                TimestampType.LOG_APPEND_TIME, key.length, value.length, key, value, headers, Optional.empty());
        if (inlet.announced(record)) to.meters().announced();
    }
}
