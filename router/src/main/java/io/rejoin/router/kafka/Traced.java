package io.rejoin.router.kafka;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.router.core.Output;
import io.rejoin.tracing.Step;
import io.rejoin.tracing.TraceHeaders;
import io.rejoin.tracing.Tracing;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.jspecify.annotations.Nullable;

/**
 * The traced ones among the commands that a shard takes in one go, and what follows from them. The state machine knows nothing of
 * it. Of the shard's thread alone.
 */
final class Traced {
    /** Where nothing is traced. */
    static final Traced NOTHING = new Traced(Tracing.off());

    private final Tracing tracing;
    private final Map<Source, Step> bySource = new HashMap<>();
    private final List<Step> taken = new ArrayList<>();

    Traced(Tracing tracing) {
        this.tracing = tracing;
    }

    /** A command begins to be carried out. */
    Step begin(ConsumerRecord<byte[], byte[]> record, @Nullable String context) {
        var step = tracing.receive("process " + record.topic(), context)
                .from(record.topic(), record.partition(), record.offset());
        if (step.isTraced()) taken.add(step);
        return step;
    }

    /** What follows from a command. */
    void follow(Step step, List<Output> outputs) {
        if (!step.isTraced()) return;
        for (var output : outputs) bySource.put(output.source(), step);
    }

    /** A fact is about to be sent; the steps end when Kafka has it. */
    List<Step> sending(ProducerRecord<byte[], byte[]> record, Source source) {
        var after = bySource.get(source);
        if (after == null) return List.of();
        var step = tracing.send("send " + record.topic(), after);
        TraceHeaders.put(record.headers(), step);
        return List.of(step);
    }

    /** Deliveries are about to be pushed: the steps of those that are traced, by their index. */
    Map<Integer, Step> pushing(List<DeliveryBatch.Entry> entries) {
        if (bySource.isEmpty()) return Map.of();
        var steps = new HashMap<Integer, Step>();
        for (var i = 0; i < entries.size(); i++) {
            var after = bySource.get(entries.get(i).source());
            if (after != null) steps.put(i, tracing.send("push deliveries", after));
        }
        return steps;
    }

    /** All that follows is on its way. */
    void end() {
        taken.forEach(Step::end);
    }

    /** The shard has failed at one of them. */
    void fail(Exception cause) {
        taken.forEach(step -> step.end(cause));
    }
}
