package io.rejoin.contracts.log;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

class EventCodecTest {
    private static final RoomId ROOM = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");
    private static final Source SOURCE = new Source(1, 22, 3);

    static final List<Event> EVENTS = List.of(
            new Event.MessagePosted(ROOM, 5, 1, ANN, "id", Content.text("hi"), 99),
            new Event.MessagePosted(ROOM, 5, 2, ANN, null, Content.data(new JsonText("4")), 99),
            new Event.MemberJoined(ROOM, 5, ANN, 1, 1, 99), new Event.MemberLeft(ROOM, 5, ANN, 0, 2, 99),
            new Event.CursorMoved(ROOM, 5, ANN, 1, 99),
            new Event.ConfirmationExpired(RoomId.personal(ANN), 5, 1, ANN, "id", List.of(ANN), 99));

    @ParameterizedTest
    @FieldSource("EVENTS")
    void anEventComesBackAsItWas(Event event) throws Exception {
        var decoded = EventCodec.decode(EventCodec.headers(event, SOURCE), EventCodec.value(event));

        assertThat(decoded).isEqualTo(new EventCodec.Sourced(SOURCE, event));
    }

    @ParameterizedTest
    @FieldSource("EVENTS")
    void anEventFitsItsPublishedSchema(Event event) {
        assertThat(EventSchemas.problems(EventCodec.type(event), EventCodec.value(event))).isEmpty();
    }

    @Test
    void theSchemaCatchesAMissingField() {
        var event = EVENTS.getFirst();

        assertThat(EventSchemas.problems(EventCodec.type(event), "{\"room\":\"default/lobby\"}".getBytes(UTF_8)))
                .isNotEmpty();
    }

    @Test
    void theTextOfAMessageStandsBesideItsSeq() {
        assertThat(new String(EventCodec.value(EVENTS.getFirst()), UTF_8)).isEqualTo("""
                {"room":"default/lobby","epoch":5,"seq":1,"user":"default/ann","id":"id","text":"hi","ts":99}""");
        assertThat(new String(EventCodec.value(EVENTS.get(1)), UTF_8)).isEqualTo("""
                {"room":"default/lobby","epoch":5,"seq":2,"user":"default/ann","data":4,"ts":99}""");
    }

    @Test
    void anEventWithoutContentIsMalformed() {
        var headers = Map.of("ce_id", "0:0:0", "ce_type", EventCodec.type(EVENTS.getFirst()));
        var value = "{\"room\":\"default/lobby\",\"epoch\":5,\"seq\":1,\"user\":\"default/ann\",\"ts\":99}";

        assertThatThrownBy(() -> EventCodec.decode(headers, value.getBytes(UTF_8)))
                .isInstanceOf(MalformedRecordException.class);
    }

    @Test
    void anUnknownTypeOrABrokenIdIsMalformed() {
        for (var headers : List.of(Map.of("ce_id", "0:0:0", "ce_type", "x"), Map.of("ce_id", "0:0", "ce_type", "x"),
                Map.of("ce_id", "0:0:0"))) {
            assertThatThrownBy(() -> EventCodec.decode(headers, new byte[0]))
                    .isInstanceOf(MalformedRecordException.class);
        }
    }
}
