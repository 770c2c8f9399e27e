package io.rejoin.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class JsonDialectTest {
    private final JsonDialect dialect = new JsonDialect();
    private final ConnectionIdentity seat = new ConnectionIdentity("r-1", "u-1", null);

    @Test
    void whoBeginsNamesTheRoomInTheUrl() {
        assertThat(dialect.path(seat)).isEqualTo("/ws/r-1?name=u-1&presence=diff&direct=off");
        assertThat(dialect.opening(seat)).isEmpty();
    }

    @Test
    void whoResumesJoinsFromItsPlace() {
        var resumed = seat.at(new Place(17, "1764"));

        assertThat(dialect.path(resumed)).isEqualTo("/ws?name=u-1&presence=diff&direct=off");
        assertThat(dialect.opening(resumed))
                .containsExactly("{\"event\":\"join\",\"room\":\"r-1\",\"after\":17,\"epoch\":1764}");
    }

    @Test
    void framesOfTheServerAreTold() {
        assertThat(read("{\"event\":\"welcome\",\"connection\":\"c\"}")).isEmpty();
        assertThat(read(
                "{\"event\":\"join_ack\",\"room\":\"r-1\",\"user\":\"u-1\",\"seq\":17,\"epoch\":1764,\"members\":[]}"))
                .containsExactly("joined 17 1764");
        assertThat(read("{\"event\":\"message\",\"room\":\"r-1\",\"seq\":18,\"text\":\"" + Texts.of(1, 5) + "\"}"))
                .containsExactly("message 18 1 5");
        assertThat(read("{\"event\":\"ack\",\"id\":\"5\",\"room\":\"r-1\",\"seq\":18}")).containsExactly("ack 5");
        assertThat(read("{\"event\":\"resync\",\"from\":18,\"to\":20,\"outcome\":\"full\"}"))
                .containsExactly("caught up");
        assertThat(read("{\"event\":\"resync\",\"from\":19,\"to\":20,\"outcome\":\"partial\"}"))
                .containsExactly("refused resumed in part", "caught up");
        assertThat(read("{\"event\":\"error\",\"code\":\"overloaded\",\"message\":\"\"}"))
                .containsExactly("refused error overloaded");
        assertThat(read("{\"event\":\"presence\",\"action\":\"join\",\"user\":\"u-2\"}")).isEmpty();
    }

    private List<String> read(String frame) {
        var told = new ArrayList<String>();
        dialect.read(Payload.of(frame), seat, new Incoming() {
            @Override
            public void joined(long seq, String epoch) {
                told.add("joined " + seq + " " + epoch);
            }

            @Override
            public void caughtUp() {
                told.add("caught up");
            }

            @Override
            public void acknowledged(int number) {
                told.add("ack " + number);
            }

            @Override
            public void message(long seq, Payload text) {
                var at = Texts.find(text);
                told.add("message " + seq + " " + Texts.room(text, at) + " " + Texts.number(text, at));
            }

            @Override
            public void answer(String text) {
                told.add("answer " + text);
            }

            @Override
            public void refused(String why) {
                told.add("refused " + why);
            }
        });
        return told;
    }
}
