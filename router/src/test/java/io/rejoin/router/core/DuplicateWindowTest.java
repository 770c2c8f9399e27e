package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatObject;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.Test;

class DuplicateWindowTest {
    private final DuplicateWindow window = new DuplicateWindow();

    @Test
    void postsOfOneRoomAndUserShareWhatTheyAreKnownBy() {
        window.add(post("lobby", "ann", 1, 1));
        window.add(post("lobby", "ann", 2, 1));
        window.restore(1, List.of(post("lobby", "ann", 3, 1)));

        for (var seq = 2; seq <= 3; seq++) {
            assertThatObject(find("lobby", "ann", seq).room()).isSameAs(find("lobby", "ann", 1).room());
            assertThatObject(find("lobby", "ann", seq).user()).isSameAs(find("lobby", "ann", 1).user());
        }
    }

    @Test
    void whatIsTooOldIsForgottenByWholeChunksWithAllThatItHeld() {
        for (var seq = 1; seq <= DuplicateWindow.CHUNK_POSTS; seq++) window.add(post("old", "ann", seq, 1));
        assertThat(window.held()).isEqualTo(2); // a room and a user

        window.add(post("new", "ben", 1, DuplicateWindow.AGE_MS + 2));

        assertThat(window.find(new RoomId("default", "old"), new UserId("default", "ann"), "id1")).isNull();
        assertThat(find("new", "ben", 1).seq()).isEqualTo(1);
        assertThat(window.held()).isEqualTo(2);
    }

    @Test
    void chunksThatArePutBackInAnyOrderAreForgottenFromTheOldest() {
        window.restore(8, List.of(post("lobby", "ann", 2, DuplicateWindow.AGE_MS)));
        window.restore(9, List.of(post("lobby", "ann", 3, DuplicateWindow.AGE_MS)));
        window.restore(7, List.of(post("lobby", "ann", 1, 1)));

        window.add(post("lobby", "ann", 4, DuplicateWindow.AGE_MS + 2));

        assertThat(window.takeChanged()).containsExactly(7L, 9L);
        assertThat(window.chunk(7)).isEmpty();
        assertThat(window.chunk(9)).extracting(StateEntry.Post::seq).containsExactly(3L, 4L);
        assertThat(find("lobby", "ann", 2).seq()).isEqualTo(2);
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
