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
 * The traced commands among those that a shard takes at once, and their outputs. The state machine does not know of
 * tracing. Used only by the shard's thread.
 */
final class Traced {
    /** Traces nothing. */
    static final Traced NOTHING = new Traced(Tracing.off());

    private final Tracing tracing;
    private final Map<Source, Step> bySource = new HashMap<>();
    private final List<Step> taken = new ArrayList<>();

    Traced(Tracing tracing) {
        this.tracing = tracing;
    }

    /** Begins the step of a command. */
    Step begin(ConsumerRecord<byte[], byte[]> record, @Nullable String context) {
        var step = tracing.receive("process " + record.topic(), context)
                .from(record.topic(), record.partition(), record.offset());
        if (step.isTraced()) taken.add(step);
        return step;
    }

    /** Takes the outputs of a command. */
    void follow(Step step, List<Output> outputs) {
        if (!step.isTraced()) return;
        for (var output : outputs) bySource.put(output.source(), step);
    }

    /** The steps of an event that is about to be sent. The caller ends them when Kafka has acknowledged it. */
    List<Step> sending(ProducerRecord<byte[], byte[]> record, Source source) {
        var after = bySource.get(source);
        if (after == null) return List.of();
        var step = tracing.send("send " + record.topic(), after);
        TraceHeaders.put(record.headers(), step);
        return List.of(step);
    }

    /** The steps of deliveries that are about to be pushed, by index; only of those that are traced. */
    Map<Integer, Step> pushing(List<DeliveryBatch.Entry> entries) {
        if (bySource.isEmpty()) return Map.of();
        var steps = new HashMap<Integer, Step>();
        for (var i = 0; i < entries.size(); i++) {
            var after = bySource.get(entries.get(i).source());
            if (after != null) steps.put(i, tracing.send("push deliveries", after));
        }
        return steps;
    }

    /** Ends the steps of the commands, after all outputs were sent. */
    void end() {
        taken.forEach(Step::end);
    }

    /** Ends the steps of the commands with a failure. */
    void fail(Exception cause) {
        taken.forEach(step -> step.end(cause));
    }
}
