package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.ContentDigest;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PostsJsonTest {
    private static final RoomId ROOM = new RoomId("acme", "lobby");
    private static final UserId USER = new UserId("acme", "ann");

    @Test
    void aChunkIsReadAsItWasWritten() {
        var chunk = new StateEntry.OfPosts(7, List.of(new StateEntry.Post(ROOM, USER, "a \"b\" ü 👩‍🚀", 1, 2, 3),
                new StateEntry.Post(ROOM, USER, "refused", 0, Long.MAX_VALUE, Long.MIN_VALUE),
                new StateEntry.Post(ROOM, USER, "of an earlier version", 9, 10, ContentDigest.NONE)));

        var key = StateCodec.key(chunk).getBytes(UTF_8);
        assertThat(StateCodec.entry(key, StateCodec.value(chunk))).isEqualTo(chunk);
    }

    @Test
    void unknownFieldsAreIgnored() {
        var json = """
                {"later": {"posts": [1, {"room": 2}]}, "posts": [{"extra": [[], {}], "digest": null, "ts": 2, "seq": 1,
                 "id": "i", "user": "acme/ann", "room": "acme/lobby", "more": null}], "last": []}""";
        assertThat(read(json)).containsExactly(new StateEntry.Post(ROOM, USER, "i", 1, 2, ContentDigest.NONE));
    }

    @Test
    void aDeletedChunkHasNoPosts() {
        assertThat(StateCodec.entry("posts:7".getBytes(UTF_8), null)).isEqualTo(new StateEntry.OfPosts(7, List.of()));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "null", "[]", "{}", "{\"posts\": null}", "{\"posts\": {}}", "{\"posts\": [null]}",
            "{\"posts\": [[]]}", "{\"posts\": []} 1", "{\"posts\": [], \"posts\": []}", "{\"posts\": [",
            "{\"posts\": [{}]}",
            "{\"posts\": [{\"room\":\"acme/lobby\",\"user\":\"acme/ann\",\"id\":\"i\",\"seq\":1}]}",
            "{\"posts\": [{\"room\":\"lobby\",\"user\":\"acme/ann\",\"id\":\"i\",\"seq\":1,\"ts\":2}]}",
            "{\"posts\": [{\"room\":\"acme/lobby\",\"user\":7,\"id\":\"i\",\"seq\":1,\"ts\":2}]}",
            "{\"posts\": [{\"room\":\"acme/lobby\",\"user\":\"acme/ann\",\"id\":null,\"seq\":1,\"ts\":2}]}",
            "{\"posts\": [{\"room\":\"acme/lobby\",\"user\":\"acme/ann\",\"id\":\"i\",\"seq\":\"1\",\"ts\":2}]}",
            "{\"posts\": [{\"room\":\"acme/lobby\",\"user\":\"acme/ann\",\"id\":\"i\",\"seq\":1,\"ts\":1e99}]}",
            "{\"posts\": [{\"room\":\"acme/lobby\",\"user\":\"acme/ann\",\"id\":\"i\",\"seq\":1,\"ts\":9223372036854775808}]}"})
    void anInvalidChunkIsCorruptState(String json) {
        assertThatThrownBy(() -> read(json)).isInstanceOf(CorruptStateException.class)
                .hasMessageContaining("state under the key posts:7");
    }

    private static List<StateEntry.Post> read(String json) {
        var entry = StateCodec.entry("posts:7".getBytes(UTF_8), json.getBytes(UTF_8));
        return ((StateEntry.OfPosts) Objects.requireNonNull(entry)).posts();
    }
}
