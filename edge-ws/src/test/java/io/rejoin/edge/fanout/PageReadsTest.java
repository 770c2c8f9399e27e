package io.rejoin.edge.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.RoomId;
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
    void whoMissesTheSameSharesPageFramesAndMemory() throws Exception {
        history.holds(1, 1, 10);
        try (var first = open(4, false); var second = open(4, false); var other = open(5, false)) {
            var page = first.read();
            assertThat(second.read()).isSameAs(page);
            assertThat(page.frame(3)).isSameAs(page.frame(3));
            assertThat(FrameJson.of(page.frame(3)).get("seq").longValue()).isEqualTo(8);
            assertThat(memory.free()).isEqualTo(MEMORY - PageReads.PAGE_BYTES);
            assertThat(other.read()).isNotSameAs(page);
        }
        assertThat(history.reads()).containsExactly(4L, 5L);
        assertThat(memory.free()).isEqualTo(MEMORY);
    }

    @Test
    void aPageIsSharedUntilTheLastIsDoneWithIt() throws Exception {
        history.holds(1, 1, 10);
        var first = open(4, false);
        first.read();
        var second = open(4, false);
        first.close();
        second.read();
        assertThat(history.reads()).hasSize(1);
        second.close();
        assertThat(memory.free()).isEqualTo(MEMORY);

        try (var third = open(4, false)) {
            third.read();
        }
        assertThat(history.reads()).hasSize(2);
    }

    /**
     * An empty page shows a hole only when a second, new read is empty, too. So a retry must not share the first page.
     */
    @Test
    void whoReadsAgainIsNotGivenWhatOthersRead() throws Exception {
        try (var first = open(4, false); var again = open(4, true); var next = open(4, false)) {
            var useless = first.read();
            history.holds(1, 1, 10);
            assertThat(again.read().page().messages()).hasSize(6);
            assertThat(next.read()).isSameAs(useless);
        }
        assertThat(memory.free()).isEqualTo(MEMORY);
    }

    @Test
    void whatFailedIsReadAnewOnceAllKnow() throws Exception {
        history.holds(1, 1, 10);
        history.failsNext(1);
        try (var first = open(4, false); var second = open(4, false)) {
            assertThatThrownBy(first::read).isInstanceOf(IOException.class).hasMessageContaining("away");
            assertThatThrownBy(second::read).isInstanceOf(IOException.class).hasMessageContaining("away");
        }
        assertThat(memory.free()).isEqualTo(MEMORY);

        try (var next = open(4, false)) {
            assertThat(next.read().page().messages()).hasSize(6);
        }
    }

    private PageReads.Use open(long after, boolean alone) {
        return pages.open(LOBBY, new Room.Step.Read(1, after, 10), 200, alone);
    }
}
