package io.rejoin.contracts.log;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.DeliveryRecord.Item;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Tests of encoded batches of deliveries. One unreadable entry must not affect the others. */
class DeliveryRecordTest {
    private static final RoomId ROOM = new RoomId("default", "lobby");

    @ParameterizedTest
    @CsvSource(delimiter = '|', nullValues = "-", value = {"'' | - | - | partition is cut off",
            "03 | - | - | offset is cut off", "0304 | - | - | index is cut off",
            "ffffffff7f0405 | - | - | partition is out of range", "030405 | 3:4:5 | - | kind of delivery is cut off",
            "03040500 | 3:4:5 | - | kind 0 is unknown", "0304050d | 3:4:5 | - | kind 13 is unknown",
            "03040502 | 3:4:5 | message | room's tenant is cut off",
            "0304050402740272026300" + "03 | 3:4:5 | refused | reason 3 is unknown",
            "0304050c0200 | 3:4:5 | given_up | has 1 bytes too many",
            "0304050a0274027202 | 3:4:5 | presence | must be 0 or 1",
            "030405090274027202630100" + "7f | 3:4:5 | expired | users is cut off",
            "03040501 | 3:4:5 | joined | cut off", "03040503 | 3:4:5 | acked | cut off",
            "03040505 | 3:4:5 | cursor | cut off", "03040506 | 3:4:5 | acknowledged | cut off",
            "03040507 | 3:4:5 | redeliver | cut off", "03040508 | 3:4:5 | confirmed | cut off",
            "0304050b | 3:4:5 | member_list | cut off"})
    void whatCanBeKnownOfItIsTold(String hex, @Nullable String source, @Nullable String type, String because)
            throws Exception {
        var broken = HexFormat.of().parseHex(hex);
        var to = new BinaryWriter(16);
        to.put(HexFormat.of().parseHex("01026502" + "03" + "050001010c01"), 0, 11);
        to.number(broken.length);
        to.put(broken, 0, broken.length);
        to.put(HexFormat.of().parseHex("050001020c01"), 0, 6);

        var read = LogCodec.deliveryRecord(to.bytes());

        assertThat(read.edge()).isEqualTo("e");
        assertThat(read.incarnation()).isEqualTo(2);
        assertThat(read.items()).hasSize(3);
        assertThat(read.items().getFirst()).isEqualTo(givenUp(1));
        assertThat(read.items().get(1)).isInstanceOfSatisfying(Item.Unusable.class, item -> {
            assertThat(item.source()).isEqualTo(source == null ? null : Source.of(source));
            assertThat(item.type()).isEqualTo(type);
            assertThat(item.reason()).contains(because);
        });
        assertThat(read.items().getLast()).isEqualTo(givenUp(2));
        assertThatThrownBy(() -> LogCodec.deliveries(to.bytes())).isInstanceOf(MalformedRecordException.class)
                .hasMessageContaining(because);
    }

    @ParameterizedTest
    @CsvSource({"'', no value", "00, version 0 is unknown here (up to 1)", "02, version 2 is unknown here (up to 1)",
            "7b, version 123", "01, edge's id is cut off", "0100, edge's id is missing",
            "010265, incarnation is cut off",
            "01026501, deliveries is cut off", "0102650101, deliveries is cut off",
            "010265010105, delivery 0 is cut off",
            "0102650100ff, has 1 bytes too many", "01026501ffffffffffffffffff01, deliveries is cut off"})
    void aBatchThatCannotBeReadIsMalformed(String hex, String because) {
        assertThatThrownBy(() -> LogCodec.deliveryRecord(HexFormat.of().parseHex(hex)))
                .isInstanceOf(MalformedRecordException.class).hasMessageContaining(because);
    }

    @Test
    void whateverIsWrittenComesBack() throws Exception {
        var records = new RandomRecords(1);
        var kinds = new HashSet<Class<?>>();
        for (var n = 0; n < 5_000; n++) {
            var batch = records.batch();
            batch.entries().forEach(entry -> kinds.add(entry.delivery().getClass()));
            var value = LogCodec.deliveries(batch);

            assertThat(LogCodec.deliveries(value)).isEqualTo(batch);
            assertThat(LogCodec.deliveryRecord(value)).isEqualTo(new DeliveryRecord(batch.edge(), batch.incarnation(),
                    batch.entries().stream().<Item>map(Item.Usable::new).toList()));
        }
        assertThat(kinds).hasSize(12);
    }

    @Test
    void aBatchThatIsCutOffAnywhereIsMalformed() {
        var value = LogCodec.deliveries(new RandomRecords(9).batch());
        for (var length = 0; length < value.length; length++) {
            var cut = Arrays.copyOf(value, length);
            assertThatThrownBy(() -> LogCodec.deliveryRecord(cut)).isInstanceOf(MalformedRecordException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3})
    void bytesAtRandomAreDeliveriesOrMalformed(long seed) {
        var random = new Random(seed);
        var records = new RandomRecords(seed);
        for (var n = 0; n < 20_000; n++) {
            var bytes = LogCodec.deliveries(records.batch());
            if (n % 4 == 0) random.nextBytes(bytes);
            bytes[0] = 1;
            for (var times = random.nextInt(4); times > 0; times--)
                bytes[1 + random.nextInt(bytes.length - 1)] = (byte) random.nextInt(256);
            readIfReadable(bytes);
        }
    }

    private static void readIfReadable(byte[] bytes) {
        try {
            assertThat(LogCodec.deliveryRecord(bytes).items()).isNotNull();
        } catch (MalformedRecordException e) {
            assertThat(e).hasMessageMatching("(?s).{5,200}");
        }
    }

    /** The same delivery instance occurs in the batches of several edges. */
    @Test
    void whatGoesToSeveralEdgesIsEncodedOnce() throws Exception {
        var message = new Delivery.Message(ROOM, 5, 7, new UserId("default", "ann"), "id", Content.text("hi"), 99);
        var acked = new Delivery.Acked(ROOM, new ConnectionId("c"), "id", 7, 99, false);
        var encoded = new ArrayList<Delivery>();
        var encoder = new DeliveryEncoder(delivery -> {
            encoded.add(delivery);
            return DeliveryCodec.write(delivery);
        });
        for (var n = 1; n <= 3; n++) {
            var batch = new DeliveryBatch("e" + n, n, List.of(new DeliveryBatch.Entry(new Source(0, 1, n), message),
                    new DeliveryBatch.Entry(new Source(0, 1, n + 100), acked)));
            var value = encoder.encode(batch);

            assertThat(value).isEqualTo(LogCodec.deliveries(batch));
            assertThat(LogCodec.deliveries(value)).isEqualTo(batch);
        }
        assertThat(encoded).containsExactly(message, acked);
    }

    private static Item givenUp(int index) {
        return new Item.Usable(new DeliveryBatch.Entry(new Source(0, 1, index), new Delivery.GivenUp(1)));
    }
}
