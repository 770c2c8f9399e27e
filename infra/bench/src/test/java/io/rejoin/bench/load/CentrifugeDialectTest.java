package io.rejoin.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Uses lines that centrifuge v0.40.1 wrote, with shorter texts. */
class CentrifugeDialectTest {
    private static final ConnectionIdentity NEW = new ConnectionIdentity("b0-7", "b0-user-3", null);
    private static final ConnectionIdentity BACK = new ConnectionIdentity("b0-7", "b0-user-3",
            new Place(4, "OyugsAyN"));
    private static final String CONNECTED = "{\"id\":1,\"connect\":{\"client\":\"d2\",\"ping\":25,\"pong\":true}}\n";

    private final CentrifugeDialect dialect = new CentrifugeDialect();

    @Test
    void connectsAndSubscribesInOneMessage() {
        assertThat(dialect.opening(NEW)).containsExactly("{\"id\":1,\"connect\":{\"name\":\"b0-user-3\"}}\n"
                + "{\"id\":2,\"subscribe\":{\"channel\":\"b0-7\"}}");
    }

    @Test
    void asksForWhatItMissedWithItsPlace() {
        assertThat(dialect.opening(BACK).getFirst()).endsWith("{\"id\":2,\"subscribe\":{\"channel\":\"b0-7\","
                + "\"recover\":true,\"epoch\":\"OyugsAyN\",\"offset\":4}}");
    }

    @Test
    void postsUnderANumberThatItsAckHas() {
        assertThat(dialect.post(NEW, 40, "hi"))
                .isEqualTo("{\"id\":43,\"publish\":{\"channel\":\"b0-7\",\"data\":{\"text\":\"hi\"}}}");
        assertThat(Heard.of(dialect, NEW, "{\"id\":43,\"publish\":{}}\n")).containsExactly("ack of 40");
    }

    @Test
    void isJoinedWhenItIsSubscribed() {
        var empty = CONNECTED
                + "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"OyugsAyN\",\"positioned\":true}}";
        var used = "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"OyugsAyN\",\"offset\":12,\"positioned\":true}}";

        assertThat(Heard.of(dialect, NEW, empty, used)).containsExactly("joined at 0 of OyugsAyN",
                "joined at 12 of OyugsAyN");
    }

    @Test
    void readsAllLinesOfAMessage() {
        assertThat(Heard.of(dialect, NEW, push(7, 1) + "\n{\"id\":3,\"publish\":{}}\n{}\n" + push(7, 2)))
                .containsExactly("message 1: 7/1", "ack of 0", "answer {}", "message 2: 7/2");
    }

    @Test
    void getsWhatItMissedBeforeItHasCaughtUp() {
        var reply = "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"OyugsAyN\",\"publications\":["
                + publication(7, 5) + "," + publication(7, 6)
                + "],\"recovered\":true,\"offset\":4,\"positioned\":true,\"was_recovering\":true}}";

        assertThat(Heard.of(dialect, BACK, CONNECTED + reply)).containsExactly("joined at 4 of OyugsAyN",
                "message 5: 7/5", "message 6: 7/6", "caught up");
    }

    @Test
    void saysWhenWhatItMissedIsGone() {
        var reply = "{\"id\":2,\"subscribe\":{\"recoverable\":true,\"epoch\":\"other\",\"offset\":9,\"positioned\":true,"
                + "\"was_recovering\":true}}";

        assertThat(Heard.of(dialect, BACK, reply)).containsExactly("joined at 9 of other", "refused: not recovered",
                "caught up");
    }

    @Test
    void tellsErrorsAndWhatItDoesNotKnow() {
        assertThat(Heard.of(dialect, NEW, "{\"id\":3,\"error\":{\"code\":100,\"message\":\"internal\"}}",
                "{\"push\":{\"channel\":\"b0-7\",\"unsubscribe\":{\"code\":2500}}}", "<html>")).hasSize(3)
                .allSatisfy(heard -> assertThat(heard).startsWith("refused: "));
    }

    private static String push(int room, int number) {
        return "{\"push\":{\"channel\":\"b0-7\",\"pub\":" + publication(room, number) + "}}";
    }

    private static String publication(int room, int number) {
        return "{\"data\":{\"text\":\"" + Texts.of(room, number)
                + "\"},\"info\":{\"user\":\"b0-user-1\",\"client\":\"0ee0de94\"},\"offset\":" + number + "}";
    }
}
