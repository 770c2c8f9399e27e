package io.rejoin.router.link;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.link.Frame;
import io.rejoin.router.metrics.RouterMeters;
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
    private static final Frame.Hello HELLO = new Frame.Hello("edge-1", 1, List.of(), "id");
    private static final Frame.Appended RECORD = new Frame.Appended(3, 7, 99, "key".getBytes(UTF_8),
            "value".getBytes(UTF_8), Map.of(2, "00-a"));

    private static final Inlet.Outlet<ConsumerRecord<byte[], byte[]>> DISCARDING_OUTLET = new Inlet.Outlet<>() {
        @Override
        public boolean hasSpace() {
            return true;
        }

        @Override
        public void put(List<ConsumerRecord<byte[], byte[]>> records) {
            // records are not used
        }
    };

    private final List<ConsumerRecord<byte[], byte[]>> passedOn = new ArrayList<>();
    private final Inlet<ConsumerRecord<byte[], byte[]>> inlet = new Inlet<>(7, ConsumerRecord::offset, _ -> 1,
            new Inlet.Outlet<>() {
                @Override
                public boolean hasSpace() {
                    return true;
                }

                @Override
                public void put(List<ConsumerRecord<byte[], byte[]>> records) {
                    passedOn.addAll(records);
                }
            }, System::nanoTime);
    private final Inlets inlets = new Inlets();

    @Test
    void anAnnouncedRecordIsTheSameAsAFetchedOne() {
        inlets.startAccepting("commands", "id", meters);
        inlets.add(3, inlet);
        inlets.onAnnounced(HELLO, RECORD);
        inlets.onAnnounced(HELLO, RECORD);

        assertThat(registry.get("rejoin.router.told.records").counter().count()).isEqualTo(1);
        assertThat(passedOn).singleElement().satisfies(record -> {
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
    void announcementsOfAnotherLogAreIgnored() {
        inlets.add(3, inlet);
        inlets.onAnnounced(HELLO, RECORD);
        inlets.startAccepting("commands", "id", meters);
        inlets.onAnnounced(new Frame.Hello("edge-1", 1, List.of(), "other"), RECORD);
        inlets.onAnnounced(new Frame.Hello("edge-1", 1, List.of()), RECORD);

        assertThat(passedOn).isEmpty();
    }

    @Test
    void announcementsForOtherShardsAreIgnored() {
        inlets.startAccepting("commands", "id", meters);
        inlets.onAnnounced(HELLO, RECORD);
        var other = new Inlet<>(7, ConsumerRecord<byte[], byte[]>::offset, _ -> 1, DISCARDING_OUTLET, System::nanoTime);
        inlets.add(3, inlet);
        inlets.remove(3, other);
        inlets.onAnnounced(HELLO, RECORD);
        assertThat(passedOn).hasSize(1);
        inlets.remove(3, inlet);
        inlets.onAnnounced(HELLO, new Frame.Appended(3, 8, 99, new byte[0], new byte[0], Map.of()));
        assertThat(passedOn).hasSize(1);
    }
}
