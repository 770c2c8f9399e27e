package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import org.junit.jupiter.api.Test;

class PackedPostsTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");

    /** A post with another room, user or id is another post, even with the same hash. */
    @Test
    void aPostIsMatchedByRoomUserAndId() {
        var posts = new PackedPosts();
        posts.add(new StateEntry.Post(LOBBY, ANN, "id", 1, 2, 3), bytes("id"));
        posts.add(new StateEntry.Post(LOBBY, ANN, "next", 2, 2, 3), bytes("next"));

        assertThat(posts.matches(0, LOBBY, ANN, bytes("id"))).isTrue();
        assertThat(posts.matches(0, new RoomId("default", "hall"), ANN, bytes("id"))).isFalse();
        assertThat(posts.matches(0, LOBBY, new UserId("default", "ben"), bytes("id"))).isFalse();
        assertThat(posts.matches(0, LOBBY, ANN, bytes("idn"))).isFalse();
        assertThat(posts.matches(1, LOBBY, ANN, bytes("next"))).isTrue();
    }

    private static byte[] bytes(String id) {
        return id.getBytes(UTF_8);
    }
}
