package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.link.Frame;
import io.rejoin.router.link.Inlet;
import io.rejoin.tracing.TraceHeaders;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.common.record.TimestampType;
import org.junit.jupiter.api.Test;

class InletsTest {
    private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
    private final RouterMeters meters = new RouterMeters(registry);
    private static final Frame.Hello OF_THE_LOG = new Frame.Hello("edge-1", 1, List.of(), "id");
    private static final Frame.Appended RECORD = new Frame.Appended(3, 7, 99, "key".getBytes(UTF_8),
            "value".getBytes(UTF_8), Map.of(2, "00-a"));

    private static final Inlet.Outlet<ConsumerRecord<byte[], byte[]>> NOWHERE = new Inlet.Outlet<>() {
        @Override
        public boolean hasRoom() {
            return true;
        }

        @Override
        public void put(List<ConsumerRecord<byte[], byte[]>> records) {
            // records are not used
        }
    };

    private final List<ConsumerRecord<byte[], byte[]>> taken = new ArrayList<>();
    private final Inlet<ConsumerRecord<byte[], byte[]>> inlet = new Inlet<>(7, ConsumerRecord::offset, _ -> 1,
            new Inlet.Outlet<>() {
                @Override
                public boolean hasRoom() {
                    return true;
                }

                @Override
                public void put(List<ConsumerRecord<byte[], byte[]>> records) {
                    taken.addAll(records);
                }
            }, System::nanoTime);
    private final Inlets inlets = new Inlets();

    @Test
    void whatIsToldIsAsItWouldBeFetched() {
        inlets.begin("commands", "id", meters);
        inlets.add(3, inlet);
        inlets.announced(OF_THE_LOG, RECORD);
        inlets.announced(OF_THE_LOG, RECORD);

        assertThat(registry.get("rejoin.router.told.records").counter().count()).isEqualTo(1);
        assertThat(taken).singleElement().satisfies(record -> {
            assertThat(record.topic()).isEqualTo("commands");
            assertThat(record.partition()).isEqualTo(3);
            assertThat(record.offset()).isEqualTo(7);
            assertThat(record.timestamp()).isEqualTo(99);
            assertThat(record.timestampType()).isEqualTo(TimestampType.LOG_APPEND_TIME);
            assertThat(record.key()).isEqualTo(RECORD.key());
            assertThat(record.serializedKeySize()).isEqualTo(3);
            assertThat(record.value()).isEqualTo(RECORD.value());
            assertThat(TraceHeaders.ofEntries(record.headers())).isEqualTo(Map.of(2, "00-a"));
        });
    }

    /**
     * The other log may belong to another installation, or to a topic that was created again: its offsets mean other
     * records.
     */
    @Test
    void whoAppendsToAnotherLogIsNotHeard() {
        inlets.add(3, inlet);
        inlets.announced(OF_THE_LOG, RECORD);
        inlets.begin("commands", "id", meters);
        inlets.announced(new Frame.Hello("edge-1", 1, List.of(), "other"), RECORD);
        inlets.announced(new Frame.Hello("edge-1", 1, List.of()), RECORD);

        assertThat(taken).isEmpty();
    }

    @Test
    void aShardThatIsNotHereHearsNothing() {
        inlets.begin("commands", "id", meters);
        inlets.announced(OF_THE_LOG, RECORD);
        var other = new Inlet<>(7, ConsumerRecord<byte[], byte[]>::offset, _ -> 1, NOWHERE, System::nanoTime);
        inlets.add(3, inlet);
        inlets.remove(3, other);
        inlets.announced(OF_THE_LOG, RECORD);
        assertThat(taken).hasSize(1);
        inlets.remove(3, inlet);
        inlets.announced(OF_THE_LOG, new Frame.Appended(3, 8, 99, new byte[0], new byte[0], Map.of()));
        assertThat(taken).hasSize(1);
    }
}
