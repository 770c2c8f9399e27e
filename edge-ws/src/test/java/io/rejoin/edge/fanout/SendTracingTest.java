package io.rejoin.edge.fanout;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.edge.room.FakeReceiver;
import io.rejoin.edge.websocket.FrameWriter;
import io.rejoin.tracing.RecordedTraces;
import java.util.List;
import org.junit.jupiter.api.Test;

class SendTracingTest {
    private static final byte[] FRAME = FrameWriter.text("{}".getBytes(UTF_8));

    private final RecordedTraces traces = new RecordedTraces();
    private final FakeReceiver ann = new FakeReceiver("a", 10, false);
    private final FakeReceiver bob = new FakeReceiver("b", 10, false);

    @Test
    void aStepEndsWithItsSlowestSocket() {
        ann.offer(FRAME);
        bob.offer(FRAME);
        SendTracing.endWhenSent(traces.tracing().begin("process"), List.of(ann, bob));
        assertThat(traces.ended()).isEmpty();

        bob.drain();
        assertThat(traces.ended()).isEmpty();
        ann.drain();
        assertThat(traces.ended()).containsExactly("process");
    }

    @Test
    void aStepWithoutReceiversEndsAtOnce() {
        SendTracing.endWhenSent(traces.tracing().begin("process"), List.of());
        assertThat(traces.ended()).containsExactly("process");
    }
}
