package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class InboxTest {
    private final List<String> calls = new ArrayList<>();
    private final AtomicInteger readers = new AtomicInteger();
    private final Inbox inbox = new Inbox(new RecordingSource(), readers::incrementAndGet);

    /** A source that records the calls to it. */
    private final class RecordingSource implements Inbox.Source {
        @Override
        public void pause() {
            calls.add("pause");
        }

        @Override
        public void resume() {
            calls.add("read on");
        }
    }

    @Test
    void aReaderStartsOnlyIfThereIsNone() throws InterruptedException {
        inbox.add(bytes("early"));
        assertThat(readers).as("whoever made it reads").hasValue(0);
        assertThat(inbox.endReaderIfEmpty()).isFalse();
        assertThat(inbox.next()).isEqualTo(bytes("early"));
        assertThat(inbox.endReaderIfEmpty()).isTrue();

        inbox.add(bytes("one"));
        inbox.add(bytes("two"));
        assertThat(readers).hasValue(1);
        assertThat(inbox.next()).isEqualTo(bytes("one"));
        assertThat(inbox.endReaderIfEmpty()).isFalse();
        assertThat(inbox.next()).isEqualTo(bytes("two"));
        assertThat(inbox.endReaderIfEmpty()).isTrue();
    }

    @Test
    void theEndIsReadAfterAllBytes() throws InterruptedException {
        assertThat(inbox.endReaderIfEmpty()).isTrue();
        inbox.add(bytes("last"));
        inbox.end();
        assertThat(readers).hasValue(1);
        assertThat(inbox.next()).isEqualTo(bytes("last"));
        assertThat(inbox.endReaderIfEmpty()).as("the end is to be read").isFalse();
        assertThat(inbox.next()).isEmpty();
    }

    @Test
    void theEndStartsAReader() throws InterruptedException {
        assertThat(inbox.endReaderIfEmpty()).isTrue();
        inbox.end();
        assertThat(readers).hasValue(1);
        assertThat(inbox.next()).isEmpty();
    }

    @Test
    void nextWaitsForBytes() throws Exception {
        var read = new FutureTask<>(inbox::next);
        Thread.ofVirtual().start(read);
        inbox.add(bytes("rest"));
        assertThat(read.get(1, TimeUnit.MINUTES)).isEqualTo(bytes("rest"));
        assertThat(readers).hasValue(0);
    }

    @Test
    void theSourcePausesWhileManyBytesWait() throws InterruptedException {
        for (var i = 0; i < 8; i++) inbox.add(new byte[Inbox.PAUSE_BYTES / 8]);
        inbox.add(new byte[1]);
        assertThat(calls).containsExactly("pause");
        for (var i = 0; i < 4; i++) inbox.next();
        assertThat(calls).containsExactly("pause");
        inbox.next();
        assertThat(calls).containsExactly("pause", "read on");
        while (!inbox.endReaderIfEmpty()) inbox.next();
        assertThat(calls).containsExactly("pause", "read on");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
