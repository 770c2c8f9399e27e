package io.rejoin.history.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.StoredMessage;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class PackedMessageTest {
    private static final UserId ANN = new UserId("default", "ann");
    private static final UserId ZOE = new UserId("tenant-2", "Zoë 😀");
    private static final long SEQ = Long.MAX_VALUE - 7;

    static Stream<StoredMessage> messages() {
        return Stream.of(new StoredMessage(SEQ, ANN, "id-1", Content.text("hi"), 1_700_000_000_123L),
                new StoredMessage(SEQ, ANN, null, Content.text(""), 0),
                new StoredMessage(SEQ, ANN, "", Content.text("an empty id is one"), 5),
                new StoredMessage(SEQ, ZOE, "ключ-😀", Content.text("line\n\"quoted\" \u2028 😀"), Long.MAX_VALUE),
                new StoredMessage(SEQ, ZOE, null, Content.data(new JsonText("{\"n\":1.50,\"a\":[null]}")), -1),
                new StoredMessage(SEQ, ANN, "x".repeat(70_000), Content.text("y".repeat(300_000)), 7),
                ErasedMessages.message(SEQ, ErasedMessages.placeholderUser("default"), 9));
    }

    @ParameterizedTest
    @MethodSource("messages")
    void nothingOfAMessageIsLost(StoredMessage message) {
        var packed = PackedMessage.pack(message);

        assertThat(PackedMessage.unpack(SEQ, packed)).isEqualTo(message);
        assertThat(PackedMessage.ts(packed)).isEqualTo(message.ts());
    }

    @ParameterizedTest
    @MethodSource("messages")
    void jsonSizeEqualsTheMessageSize(StoredMessage message) {
        assertThat(PackedMessage.jsonSize(PackedMessage.pack(message))).isEqualTo(MessageSize.of(message));
    }
}
