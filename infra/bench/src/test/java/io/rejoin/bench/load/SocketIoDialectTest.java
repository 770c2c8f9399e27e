package io.rejoin.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

/** Uses packets that Socket.IO 4.8.4 wrote, with shorter texts. */
class SocketIoDialectTest {
    private static final ConnectionIdentity NEW = new ConnectionIdentity("b0-7", "b0-user-3", null);
    private static final ConnectionIdentity BACK = new ConnectionIdentity("b0-7", "b0-user-3", new Place(0, ""));
    private static final String OPEN = "0{\"sid\":\"t234\",\"upgrades\":[],\"pingInterval\":25000,\"pingTimeout\":20000}";

    private final SocketIoDialect dialect = new SocketIoDialect();

    @Test
    void connectsThenJoins() {
        assertThat(dialect.opening(NEW)).isEmpty();
        assertThat(Heard.of(dialect, NEW, OPEN, "40{\"sid\":\"u\"}", "430[{\"room\":\"b0-7\"}]")).containsExactly(
                "answer 40{\"name\":\"b0-user-3\"}", "answer 420[\"join\",\"b0-7\"]", "joined at 0");
    }

    @Test
    void postsUnderANumberThatItsAckHas() {
        assertThat(dialect.post(NEW, 40, "hi")).isEqualTo("4241[\"message\",\"hi\"]");
        assertThat(Heard.of(dialect, NEW, "4341[{\"ts\":1795706582152}]")).containsExactly("ack of 40");
    }

    @Test
    void readsMessagesAndAnswersPings() {
        var message = "42[\"message\",{\"room\":\"b0-7\",\"user\":\"u\",\"text\":\"" + Texts.of(7, 5) + "\",\"ts\":1}]";

        assertThat(Heard.of(dialect, NEW, message, "2")).containsExactly("message 0: 7/5", "answer 3");
    }

    @Test
    void saysThatNothingCanBeResumed() {
        assertThat(Heard.of(dialect, BACK, "430[{}]")).containsExactly("joined at 0",
                "refused: no resume: the server keeps no messages", "caught up");
    }

    @Test
    void tellsErrorsAndWhatItDoesNotKnow() {
        assertThat(Heard.of(dialect, NEW, "44{\"message\":\"no\"}", "41", "1")).hasSize(3)
                .allSatisfy(heard -> assertThat(heard).startsWith("refused: "));
    }
}
