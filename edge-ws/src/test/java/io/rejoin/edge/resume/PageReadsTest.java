package io.rejoin.edge.resume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.RoomId;
import io.rejoin.edge.room.FrameJson;
import io.rejoin.edge.room.LocalRoom;
import io.rejoin.edge.websocket.FrameMemory;
import java.io.IOException;
import org.junit.jupiter.api.Test;

class PageReadsTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final long MEMORY = 4L * PageReads.PAGE_BYTES;

    private final FakeHistory history = new FakeHistory();
    private final FrameMemory memory = new FrameMemory(MEMORY);
    private final PageReads pages = new PageReads(history, memory);

    @Test
    void equalReadsShareThePageItsFramesAndItsMemory() throws Exception {
        history.setMessages(1, 1, 10);
        try (var first = open(4, false); var second = open(4, false); var other = open(5, false)) {
            var page = first.read();
            assertThat(second.read()).isSameAs(page);
            assertThat(page.frame(3)).isSameAs(page.frame(3));
            assertThat(FrameJson.of(page.frame(3)).get("seq").longValue()).isEqualTo(8);
            assertThat(memory.freeBytes()).isEqualTo(MEMORY - PageReads.PAGE_BYTES);
            assertThat(other.read()).isNotSameAs(page);
        }
        assertThat(history.reads()).containsExactly(4L, 5L);
        assertThat(memory.freeBytes()).isEqualTo(MEMORY);
    }

    @Test
    void aPageIsSharedUntilItsLastUserClosesIt() throws Exception {
        history.setMessages(1, 1, 10);
        var first = open(4, false);
        first.read();
        var second = open(4, false);
        first.close();
        second.read();
        assertThat(history.reads()).hasSize(1);
        second.close();
        assertThat(memory.freeBytes()).isEqualTo(MEMORY);

        try (var third = open(4, false)) {
            third.read();
        }
        assertThat(history.reads()).hasSize(2);
    }

    /**
     * An empty page shows a hole only when a second, new read is empty, too. So a retry must not share the first page.
     */
    @Test
    void aFreshReadDoesNotShareAPage() throws Exception {
        try (var first = open(4, false); var fresh = open(4, true); var next = open(4, false)) {
            var useless = first.read();
            history.setMessages(1, 1, 10);
            assertThat(fresh.read().page().messages()).hasSize(6);
            assertThat(next.read()).isSameAs(useless);
        }
        assertThat(memory.freeBytes()).isEqualTo(MEMORY);
    }

    @Test
    void aFailedReadIsRepeatedForTheNextUser() throws Exception {
        history.setMessages(1, 1, 10);
        history.failNext(1);
        try (var first = open(4, false); var second = open(4, false)) {
            assertThatThrownBy(first::read).isInstanceOf(IOException.class).hasMessageContaining("away");
            assertThatThrownBy(second::read).isInstanceOf(IOException.class).hasMessageContaining("away");
        }
        assertThat(memory.freeBytes()).isEqualTo(MEMORY);

        try (var next = open(4, false)) {
            assertThat(next.read().page().messages()).hasSize(6);
        }
    }

    private PageReads.Handle open(long after, boolean isFresh) {
        return pages.open(LOBBY, new LocalRoom.CatchUpStep.Read(1, after, 10), 200, isFresh);
    }
}
