package io.rejoin.edge.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CorkTest {
    private final List<String> done = new ArrayList<>();

    @Test
    void withoutACorkFramesAreWrittenAtOnce() {
        Cork.write(() -> done.add("written"));
        assertThat(done).containsExactly("written");
    }

    @Test
    void framesQueuedUnderACorkAreWrittenAtItsEnd() {
        var result = Cork.hold(() -> {
            Cork.write(() -> done.add("written"));
            done.add("queued");
            return 7;
        });
        assertThat(result).isEqualTo(7);
        assertThat(done).containsExactly("queued", "written");
        Cork.write(() -> done.add("later"));
        assertThat(done).containsExactly("queued", "written", "later");
    }

    @Test
    void framesQueuedBeforeAFaultAreWritten() {
        assertThatThrownBy(() -> Cork.hold(() -> {
            Cork.write(() -> done.add("written"));
            throw new IllegalStateException("a fault");
        })).hasMessage("a fault");
        assertThat(done).containsExactly("written");
    }

    @Test
    void otherThreadsAreNotDelayed() {
        Cork.hold(() -> {
            var other = Thread.ofPlatform().start(() -> Cork.write(() -> done.add("another's")));
            joinUninterruptibly(other);
            done.add("mine");
        });
        assertThat(done).containsExactly("another's", "mine");
    }

    private static void joinUninterruptibly(Thread thread) {
        try {
            thread.join();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}
