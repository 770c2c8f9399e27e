package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.DeliveryRecord.Item;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** One entry of a record of deliveries that cannot be read costs no other. */
class DeliveryRecordTest {
    private static final String GIVEN_UP = "{\"source\":\"0:1:%d\",\"delivery\":{\"type\":\"given_up\",\"incarnation\":1}}";

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', nullValues = "-", value = {
            "{\"source\":\"3:4:5\",\"delivery\":{\"type\":\"dance\"}} | 3:4:5 | dance",
            "{\"source\":\"3:4:5\",\"delivery\":{\"type\":\"message\",\"seq\":\"x\"}} | 3:4:5 | message",
            "{\"source\":\"3:4:5\",\"delivery\":{}} | 3:4:5 | -", "{\"source\":\"3:4:5\"} | 3:4:5 | -",
            "{\"source\":\"3:4:5\",\"delivery\":{\"type\":\"refused\",\"room\":\"t/r\",\"connection\":\"c\",\"reason\":\"NEW\"}}"
                    + " | 3:4:5 | refused",
            "{\"source\":\"3:4\",\"delivery\":{\"type\":\"message\"}} | - | -",
            "{\"delivery\":{\"type\":\"message\"}} | - | -", "null | - | -", "[[]] | - | -"})
    void whatCanBeKnownOfItIsTold(String entry, @Nullable String source, @Nullable String type) throws Exception {
        var value = "{\"v\":1,\"batch\":{\"edge\":\"e\",\"incarnation\":2,\"entries\":[" + GIVEN_UP.formatted(1) + ","
                + entry + "," + GIVEN_UP.formatted(2) + "]}}";

        var read = LogCodec.deliveryRecord(value.getBytes(UTF_8));

        assertThat(read.edge()).isEqualTo("e");
        assertThat(read.incarnation()).isEqualTo(2);
        assertThat(read.items()).hasSize(3);
        assertThat(read.items().getFirst()).isEqualTo(givenUp(1));
        assertThat(read.items().get(1)).isInstanceOfSatisfying(Item.Unusable.class, item -> {
            assertThat(item.source()).isEqualTo(source == null ? null : Source.of(source));
            assertThat(item.type()).isEqualTo(type);
            assertThat(item.reason()).isNotBlank();
        });
        assertThat(read.items().getLast()).isEqualTo(givenUp(2));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "{}", "{\"v\":1,\"batch\":null}",
            "{\"v\":1,\"batch\":{\"edge\":\"e\",\"incarnation\":1}}",
            "{\"v\":2,\"batch\":{\"edge\":\"e\",\"incarnation\":1,\"entries\":[]}}",
            "{\"v\":1,\"batch\":{\"edge\":\"e\",\"entries\":[null]}}",
            "{\"v\":1,\"batch\":{\"edge\":\"e\",\"incarnation\":1,\"entries\":[null]},\"batch\":{\"entries\":[]}}"})
    void aRecordThatCannotBeReadIsMalformed(String value) {
        assertThatThrownBy(() -> LogCodec.deliveryRecord(value.getBytes(UTF_8)))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void aRecordOfOursIsReadAsItWas() throws Exception {
        var batch = new DeliveryBatch("e", 2, List.of(new DeliveryBatch.Entry(new Source(0, 1, 1),
                new Delivery.GivenUp(1))));

        assertThat(LogCodec.deliveryRecord(LogCodec.deliveries(batch)))
                .isEqualTo(new DeliveryRecord("e", 2, List.of(givenUp(1))));
    }

    private static Item givenUp(int index) {
        return new Item.Usable(new DeliveryBatch.Entry(new Source(0, 1, index), new Delivery.GivenUp(1)));
    }
}
