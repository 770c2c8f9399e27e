package io.rejoin.history.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.history.store.Position;
import io.rejoin.tracing.BrokenTraces;
import io.rejoin.tracing.RecordedTraces;
import io.rejoin.tracing.TraceHeaders;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.junit.jupiter.api.Test;

class IngestTraceStepsTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");

    private final RecordedTraces traces = new RecordedTraces();

    private ConsumerRecord<byte[], byte[]> posted(int partition, byte[] value) {
        var event = new Event.MessagePosted(LOBBY, 1, 1, new UserId("default", "ann"), null, Content.text("hi"), 9);
        var record = new ConsumerRecord<>(TopicNames.PLAIN.events(), partition, 5, LOBBY.key().getBytes(UTF_8),
                value.length == 0 ? EventCodec.value(event) : value);
        EventCodec.headers(event, new Source(partition, 1, 0))
                .forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
        TraceHeaders.put(record.headers(), traces.tracing().begin("post"));
        return record;
    }

    private PartitionBatch batch(int partition, byte[] value) {
        return PartitionBatch.of(new Position("topic", partition, 5, null), List.of(posted(partition, value)));
    }

    private PartitionBatch batch(int partition) {
        return batch(partition, new byte[0]);
    }

    @Test
    void aStepEndsOnceItsRecordIsWritten() {
        var traceSteps = IngestTraceSteps.begin(traces.tracing(), List.of(batch(0), batch(1)));
        assertThat(traces.ended()).isEmpty();

        traceSteps.endAsWritten();
        traceSteps.endAsFailed(); // every write calls it at its end
        assertThat(traces.ended()).containsExactly("process rejoin.events", "process rejoin.events");
    }

    @Test
    void aFailedWriteFailsItsSteps() {
        IngestTraceSteps.begin(traces.tracing(), List.of(batch(0))).endAsFailed();
        assertThat(traces.ended())
                .containsExactly("process rejoin.events: the record could not be stored; history reads it again");
    }

    @Test
    void aStepOfAnUnreadableRecordFails() {
        IngestTraceSteps.begin(traces.tracing(), List.of(batch(0, "{".getBytes(UTF_8)))).endAsWritten();
        assertThat(traces.ended())
                .containsExactly("process rejoin.events: the record cannot be read; it is now a dead letter");
    }

    @Test
    void failingTracingThrowsNothing() {
        for (var broken : List.of(BrokenTraces.inEveryStep(), BrokenTraces.fromTheBeginning())) {
            var traceSteps = IngestTraceSteps.begin(broken, List.of(batch(0)));
            traceSteps.endAsWritten();
            traceSteps.endAsFailed();
        }
        assertThat(traces.ended()).isEmpty();
    }
}
