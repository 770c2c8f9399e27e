package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DuplicateWindowTest {
    private final DuplicateWindow window = new DuplicateWindow();

    @Test
    void postsOfOneRoomAndUserShareTheirKeyObjects() {
        window.add(post("lobby", "ann", 1, 1));
        window.add(post("lobby", "ann", 2, 1));
        window.restore(1, List.of(post("lobby", "ann", 3, 1)));

        for (var seq = 2; seq <= 3; seq++) {
            assertThatObject(find("lobby", "ann", seq).room()).isSameAs(find("lobby", "ann", 1).room());
            assertThatObject(find("lobby", "ann", seq).user()).isSameAs(find("lobby", "ann", 1).user());
        }
    }

    @Test
    void oldPostsAreForgottenInWholeChunks() {
        for (var seq = 1; seq <= DuplicateWindow.CHUNK_POSTS; seq++) window.add(post("old", "ann", seq, 1));
        assertThat(window.distinctCount()).isEqualTo(2); // a room and a user

        window.add(post("new", "ben", 1, DuplicateWindow.AGE_MS + 2));

        assertThat(window.find(new RoomId("default", "old"), new UserId("default", "ann"), "id1")).isNull();
        assertThat(find("new", "ben", 1).seq()).isEqualTo(1);
        assertThat(window.distinctCount()).isEqualTo(2);
    }

    @Test
    void restoredChunksAreForgottenFromTheOldest() {
        window.restore(8, List.of(post("lobby", "ann", 2, DuplicateWindow.AGE_MS)));
        window.restore(9, List.of(post("lobby", "ann", 3, DuplicateWindow.AGE_MS)));
        window.restore(7, List.of(post("lobby", "ann", 1, 1)));

        window.add(post("lobby", "ann", 4, DuplicateWindow.AGE_MS + 2));

        assertThat(window.takeChanged()).containsExactly(7L, 9L);
        assertThat(window.chunk(7)).isEmpty();
        assertThat(window.chunk(9)).extracting(StateEntry.Post::seq).containsExactly(3L, 4L);
        assertThat(find("lobby", "ann", 2).seq()).isEqualTo(2);
    }

    @Test
    void anIdIsUniqueOnlyPerRoomAndUser() {
        window.add(post("lobby", "ann", 1, 1));
        window.add(post("lobby", "ben", 1, 2));
        window.add(post("hall", "ann", 1, 3));

        assertThat(find("lobby", "ann", 1).ts()).isEqualTo(1);
        assertThat(find("lobby", "ben", 1).ts()).isEqualTo(2);
        assertThat(find("hall", "ann", 1).ts()).isEqualTo(3);
        assertThat(window.find(new RoomId("default", "hall"), new UserId("default", "ben"), "id1")).isNull();
    }

    @Test
    void aPostWithAnyIdIsFoundUnchanged() {
        var ids = List.of("", "a", "ä€😀", "x".repeat(1_000), "id", "i", "d");
        var posts = ids.stream().map(id -> new StateEntry.Post(new RoomId("default", "lobby"),
                new UserId("default", "ann"), id, Long.MAX_VALUE - id.length(), -id.length(), Long.MIN_VALUE)).toList();

        posts.forEach(window::add);

        for (var post : posts) assertThat(window.find(post.room(), post.user(), post.id())).isEqualTo(post);
        assertThat(window.chunk(0)).isEqualTo(posts);
    }

    @Test
    void onlyTheNewestPostsUpToTheLimitAreRemembered() {
        var maxPosts = DuplicateWindow.MAX_CHUNKS * DuplicateWindow.CHUNK_POSTS;
        for (var seq = 1; seq <= maxPosts + 1; seq++) window.add(post("lobby", "ann", seq, 1));

        assertThat(window.find(new RoomId("default", "lobby"), new UserId("default", "ann"), "id64")).isNull();
        assertThat(find("lobby", "ann", 65).seq()).isEqualTo(65);
        assertThat(find("lobby", "ann", maxPosts + 1).seq()).isEqualTo(maxPosts + 1);
        assertThat(window.takeChanged()).hasSize(DuplicateWindow.MAX_CHUNKS + 1);
    }

    @Test
    void forgettingARoomForgetsOnlyItsPosts() {
        for (var seq = 1; seq <= DuplicateWindow.CHUNK_POSTS; seq++)
            window.add(post(seq % 2 == 0 ? "old" : "lobby", "ann", seq, 1));
        window.add(post("lobby", "ann", 100, DuplicateWindow.AGE_MS));
        window.takeChanged();

        window.forgetRoom(new RoomId("default", "old"), DuplicateWindow.AGE_MS);

        assertThat(window.takeChanged()).containsExactly(0L);
        assertThat(window.chunk(0)).extracting(StateEntry.Post::seq).hasSize(DuplicateWindow.CHUNK_POSTS / 2)
                .allMatch(seq -> seq % 2 == 1);
        for (var post : window.chunk(0)) assertThat(window.find(post.room(), post.user(), post.id())).isEqualTo(post);
        assertThat(window.find(new RoomId("default", "old"), new UserId("default", "ann"), "id2")).isNull();
        assertThat(window.distinctCount()).isEqualTo(2);
    }

    /** Only old logs have such ids. A restored shard must find the same posts as one that kept running. */
    @Test
    void anUnpairedSurrogateIsAQuestionMarkAlsoAfterARestore() {
        var surrogatePost = new StateEntry.Post(new RoomId("default", "lobby"), new UserId("default", "ann"), "\ud800",
                1, 1, 1);
        window.add(surrogatePost);
        var restored = new DuplicateWindow();
        for (var n = 0; n < 2; n++) restored.restore(0, window.chunk(0));

        for (var each : List.of(window, restored)) {
            assertThat(each.find(surrogatePost.room(), surrogatePost.user(), "\ud800")).isNotNull();
            assertThat(each.find(surrogatePost.room(), surrogatePost.user(), "?")).isNotNull();
            each.add(post("hall", "ben", 1, DuplicateWindow.AGE_MS + 2));
            each.restore(0, List.of());
            assertThat(each.find(surrogatePost.room(), surrogatePost.user(), "?")).isNull();
        }
    }

    /** A post was forgotten and posted again. Its old chunk may be read before or after the new one. */
    @Test
    void aPostInTwoChunksIsFoundInTheRemainingOne() {
        var newer = post("lobby", "ann", 1, 2);
        for (var numbers : List.of(List.of(0L, 9L), List.of(9L, 0L))) {
            var restored = new DuplicateWindow();
            for (var number : numbers)
                restored.restore(number, List.of(number == 9 ? newer : post("lobby", "ann", 1, 1)));
            restored.restore(0, List.of());

            assertThat(restored.find(newer.room(), newer.user(), "id1")).isEqualTo(newer);
        }
    }

    @Test
    void aRestoredChunkCanGrow() {
        window.restore(3, List.of(post("lobby", "ann", 1, 1), post("lobby", "ann", 2, 1)));
        window.restore(3, List.of(post("lobby", "ann", 2, 1)));
        for (var seq = 3; seq <= 70; seq++) window.add(post("lobby", "ann", seq, 1));

        assertThat(window.find(new RoomId("default", "lobby"), new UserId("default", "ann"), "id1")).isNull();
        for (var seq = 2; seq <= 70; seq++) assertThat(find("lobby", "ann", seq).seq()).isEqualTo(seq);
        assertThat(window.chunk(3)).hasSize(DuplicateWindow.CHUNK_POSTS);
    }

    @Test
    void anInvalidChunkIsCorrupt() {
        var tooMany = Collections.nCopies(DuplicateWindow.CHUNK_POSTS + 1, post("lobby", "ann", 1, 1));

        assertThatThrownBy(() -> window.restore(0, tooMany)).isInstanceOf(CorruptStateException.class);
        assertThatThrownBy(() -> window.restore(-1, List.of())).isInstanceOf(CorruptStateException.class);
    }

    private StateEntry.Post find(String room, String user, long seq) {
        return Objects
                .requireNonNull(window.find(new RoomId("default", room), new UserId("default", user), "id" + seq));
    }

    private static StateEntry.Post post(String room, String user, long seq, long ts) {
        return new StateEntry.Post(new RoomId("default", room), new UserId("default", user), "id" + seq, seq, ts,
                1);
    }
}
