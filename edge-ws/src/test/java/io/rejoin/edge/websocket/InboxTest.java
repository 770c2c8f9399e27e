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
    private final List<String> asked = new ArrayList<>();
    private final AtomicInteger readers = new AtomicInteger();
    private final Inbox inbox = new Inbox(new Asked(), readers::incrementAndGet);

    /** A source that records the calls to it. */
    private final class Asked implements Inbox.Source {
        @Override
        public void pause() {
            asked.add("pause");
        }

        @Override
        public void readOn() {
            asked.add("read on");
        }
    }

    @Test
    void aReaderBeginsOnlyWhereNobodyReads() throws InterruptedException {
        inbox.add(bytes("early"));
        assertThat(readers).as("whoever made it reads").hasValue(0);
        assertThat(inbox.rest()).isFalse();
        assertThat(inbox.next()).isEqualTo(bytes("early"));
        assertThat(inbox.rest()).isTrue();

        inbox.add(bytes("one"));
        inbox.add(bytes("two"));
        assertThat(readers).hasValue(1);
        assertThat(inbox.next()).isEqualTo(bytes("one"));
        assertThat(inbox.rest()).isFalse();
        assertThat(inbox.next()).isEqualTo(bytes("two"));
        assertThat(inbox.rest()).isTrue();
    }

    @Test
    void theEndIsReadBehindWhatCame() throws InterruptedException {
        assertThat(inbox.rest()).isTrue();
        inbox.add(bytes("last"));
        inbox.end();
        assertThat(readers).hasValue(1);
        assertThat(inbox.next()).isEqualTo(bytes("last"));
        assertThat(inbox.rest()).as("the end is to be read").isFalse();
        assertThat(inbox.next()).isEmpty();
    }

    @Test
    void theEndBeginsAReader() throws InterruptedException {
        assertThat(inbox.rest()).isTrue();
        inbox.end();
        assertThat(readers).hasValue(1);
        assertThat(inbox.next()).isEmpty();
    }

    @Test
    void aReaderInTheMiddleOfAFrameWaits() throws Exception {
        var read = new FutureTask<>(inbox::next);
        Thread.ofVirtual().start(read);
        inbox.add(bytes("rest"));
        assertThat(read.get(1, TimeUnit.MINUTES)).isEqualTo(bytes("rest"));
        assertThat(readers).hasValue(0);
    }

    @Test
    void whenMuchWaitsNothingMoreIsReadUntilLittleDoes() throws InterruptedException {
        for (var i = 0; i < 8; i++) inbox.add(new byte[Inbox.MAX / 8]);
        inbox.add(new byte[1]);
        assertThat(asked).containsExactly("pause");
        for (var i = 0; i < 4; i++) inbox.next();
        assertThat(asked).containsExactly("pause");
        inbox.next();
        assertThat(asked).containsExactly("pause", "read on");
        while (!inbox.rest()) inbox.next();
        assertThat(asked).containsExactly("pause", "read on");
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
