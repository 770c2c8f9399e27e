package io.rejoin.router.shard;

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
 * The traced commands among those that a shard processes at once, and their outputs. The state machine does not know of
 * tracing. Used only by the shard's thread.
 */
final class TracedCommands {
    /** Traces nothing. */
    static final TracedCommands NONE = new TracedCommands(Tracing.off());

    private final Tracing tracing;
    private final Map<Source, Step> bySource = new HashMap<>();
    private final List<Step> commandSteps = new ArrayList<>();

    TracedCommands(Tracing tracing) {
        this.tracing = tracing;
    }

    /** Begins the step of a command. */
    Step begin(ConsumerRecord<byte[], byte[]> record, @Nullable String context) {
        var step = tracing.receive("process " + record.topic(), context)
                .from(record.topic(), record.partition(), record.offset());
        if (step.isTraced()) commandSteps.add(step);
        return step;
    }

    /** Links the outputs of a command to its step. */
    void addOutputs(Step step, List<Output> outputs) {
        if (!step.isTraced()) return;
        for (var output : outputs) bySource.put(output.source(), step);
    }

    /** Starts the steps of an event that is about to be sent. The caller ends them when Kafka has acknowledged it. */
    List<Step> startSend(ProducerRecord<byte[], byte[]> record, Source source) {
        var commandStep = bySource.get(source);
        if (commandStep == null) return List.of();
        var step = tracing.send("send " + record.topic(), commandStep);
        TraceHeaders.put(record.headers(), step);
        return List.of(step);
    }

    /** Starts the steps of deliveries that are about to be pushed, by index; only of those that are traced. */
    Map<Integer, Step> startPushes(List<DeliveryBatch.Entry> entries) {
        if (bySource.isEmpty()) return Map.of();
        var steps = new HashMap<Integer, Step>();
        for (var i = 0; i < entries.size(); i++) {
            var commandStep = bySource.get(entries.get(i).source());
            if (commandStep != null) steps.put(i, tracing.send("push deliveries", commandStep));
        }
        return steps;
    }

    /** Ends the steps of the commands, after all outputs were sent. */
    void end() {
        commandSteps.forEach(Step::end);
    }

    /** Ends the steps of the commands with a failure. */
    void endWithFailure(Exception cause) {
        commandSteps.forEach(step -> step.end(cause));
    }
}
