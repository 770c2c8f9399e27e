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

/** The inlets of this router's shards, by partition. Safe for any thread. */
public final class Inlets {
    private record Log(String topic, String id, RouterMeters meters) {}

    private final Map<Integer, Inlet<ConsumerRecord<byte[], byte[]>>> open = new ConcurrentHashMap<>();
    private volatile @Nullable Log log;

    /** From now on records of that topic are let in. */
    public void begin(String topic, String id, RouterMeters meters) {
        log = new Log(topic, id, meters);
    }

    void add(int partition, Inlet<ConsumerRecord<byte[], byte[]>> inlet) {
        open.put(partition, inlet);
    }

    void remove(int partition, Inlet<ConsumerRecord<byte[], byte[]>> inlet) {
        open.remove(partition, inlet);
    }

    /** An edge says that it has appended a record. One that appends to another log, of another installation maybe, is not heard. */
    public void told(Frame.Hello edge, Frame.Appended appended) {
        var present = log;
        if (present != null && present.id().equals(edge.log())) told(present, appended);
    }

    /** This router has appended a record itself. */
    void told(Frame.Appended appended) {
        var present = log;
        if (present != null) told(present, appended);
    }

    private void told(Log to, Frame.Appended appended) {
        var inlet = open.get(appended.partition());
        if (inlet == null) return;
        var headers = new RecordHeaders();
        TraceHeaders.putContexts(headers, appended.contexts());
        var key = appended.key();
        var value = appended.value();
        var record = new ConsumerRecord<>(to.topic(), appended.partition(), appended.offset(), appended.ts(),
                TimestampType.LOG_APPEND_TIME, key.length, value.length, key, value, headers, Optional.empty());
        if (inlet.told(record)) to.meters().told();
    }
}
