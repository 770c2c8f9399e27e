package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.edge.metrics.SocketMeters;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.Callable;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final int CAPACITY = 1000;
    private static final int MEMORY = 1 << 20;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final FrameMemory memory = new FrameMemory(MEMORY);
    private final AtomicInteger writers = new AtomicInteger();
    private final Outbox outbox = new Outbox(CAPACITY, memory, new SocketMeters(new SimpleMeterRegistry()),
            writers::incrementAndGet);

    @Test
    void waitingFramesAreJoinedInOrder() throws InterruptedException {
        outbox.offer(bytes("one "));
        outbox.offerReply(bytes("two "));
        outbox.offer(bytes("three"));
        assertThat(outbox.takeBatch()).isEqualTo(bytes("one two three"));
    }

    @Test
    void thePrefixIsSentWithTheFirstFrameAndNotCounted() {
        var registry = new SimpleMeterRegistry();
        var withPrefix = new Outbox(CAPACITY, memory, new SocketMeters(registry), writers::incrementAndGet,
                bytes("HTTP "));
        withPrefix.sendPrefix();
        withPrefix.sendPrefix();
        withPrefix.offer(bytes("one "));
        withPrefix.offer(bytes("two"));
        assertThat(withPrefix.takeBatch()).isEqualTo(bytes("HTTP one two"));
        withPrefix.offer(bytes("three"));
        assertThat(withPrefix.takeBatch()).isEqualTo(bytes("three"));
        assertThat(writers).hasValue(1);
        assertThat(registry.get("rejoin.edge.frames").tag("direction", "out").counter().count()).isEqualTo(3);
    }

    @Test
    void aCloseFrameQueuedFirstFollowsThePrefix() {
        var withPrefix = new Outbox(CAPACITY, memory, new SocketMeters(new SimpleMeterRegistry()),
                writers::incrementAndGet, bytes("HTTP "));
        assertThat(withPrefix.close(bytes("bye"))).isTrue();
        withPrefix.sendPrefix();
        assertThat(writers).hasValue(1);
        assertThat(withPrefix.takeBatch()).isEqualTo(bytes("HTTP bye"));
        assertThat(withPrefix.takeBatch()).isEmpty();
    }

    @Test
    void aWriteIsLimitedAndALargeFrameIsWrittenAlone() throws InterruptedException {
        var large = new Outbox(10 * Outbox.MAX_WRITE_BYTES, memory, new SocketMeters(new SimpleMeterRegistry()),
                () -> {});
        large.offer(new byte[Outbox.MAX_WRITE_BYTES - 1]);
        large.offer(new byte[1]);
        large.offer(new byte[1]);
        large.offer(new byte[2 * Outbox.MAX_WRITE_BYTES]);
        assertThat(large.takeBatch()).hasSize(Outbox.MAX_WRITE_BYTES);
        assertThat(large.takeBatch()).hasSize(1);
        assertThat(large.takeBatch()).hasSize(2 * Outbox.MAX_WRITE_BYTES);
    }

    @Test
    void messagesStopAtTheCapacityAndRepliesAtTheReserve() {
        var frame = new byte[100 - Outbox.FRAME_OVERHEAD_BYTES];
        assertThat(acceptedOffers(() -> outbox.offer(frame))).isEqualTo(CAPACITY / 100);
        assertThat(acceptedOffers(() -> outbox.offerReply(frame))).isEqualTo(Outbox.REPLY_RESERVE_BYTES / 100);
        assertThat(outbox.offer(new byte[0])).isFalse();
    }

    @Test
    void anUnsharedFrameUsesMemoryUntilItIsWritten() throws InterruptedException {
        assertThat(outbox.offerUnshared(new byte[400])).isTrue();
        assertThat(outbox.offer(new byte[100])).isTrue();
        assertThat(outbox.offerUnshared(new byte[CAPACITY])).isFalse();
        assertThat(memory.freeBytes()).isEqualTo(MEMORY - 512);

        outbox.takeBatch();
        assertThat(memory.freeBytes()).isEqualTo(MEMORY - 512);
        outbox.close(bytes("bye"));
        outbox.takeBatch();
        assertThat(memory.freeBytes()).isEqualTo(MEMORY);
    }

    @Test
    void whenSentRunsOnceAllQueuedFramesAreWritten() throws InterruptedException {
        var called = new ArrayList<String>();
        outbox.whenSent(() -> called.add("nothing"));
        assertThat(called).containsExactly("nothing");

        outbox.offer(bytes("one"));
        outbox.whenSent(() -> called.add("one"));
        outbox.takeBatch();
        outbox.offer(bytes("two"));
        outbox.whenSent(() -> called.add("two"));
        assertThat(called).containsExactly("nothing"); // the writer has the frame, the socket may not

        outbox.takeBatch();
        assertThat(called).containsExactly("nothing", "one");
        outbox.discard();
        assertThat(called).containsExactly("nothing", "one", "two");
    }

    @Test
    void earlierSharedFramesDoNotReleaseTheMemoryOfAnUnsharedOne() throws InterruptedException {
        var large = new Outbox(10 * Outbox.MAX_WRITE_BYTES, memory, new SocketMeters(new SimpleMeterRegistry()),
                () -> {});
        large.offer(new byte[Outbox.MAX_WRITE_BYTES]);
        large.offerUnshared(new byte[Outbox.MAX_WRITE_BYTES]);
        large.takeBatch();
        large.takeBatch(); // the second call means that the first frame is written
        assertThat(memory.freeBytes()).isLessThan(MEMORY);
        large.offer(bytes("next"));
        large.takeBatch();
        assertThat(memory.freeBytes()).isEqualTo(MEMORY);
    }

    @Test
    void discardedFramesReleaseTheirMemory() throws InterruptedException {
        var large = new Outbox(10 * Outbox.MAX_WRITE_BYTES, memory, new SocketMeters(new SimpleMeterRegistry()),
                () -> {});
        for (var i = 0; i < 5; i++) large.offerUnshared(new byte[10_000]);
        large.takeBatch();
        assertThat(memory.freeBytes()).isLessThan(MEMORY - 50_000);
        large.discard();
        assertThat(memory.freeBytes()).isEqualTo(MEMORY);
        assertThat(large.offerUnshared(new byte[1])).isFalse();
        assertThat(memory.freeBytes()).isEqualTo(MEMORY);
    }

    @Test
    void tinyFramesAreBoundedToo() {
        assertThat(acceptedOffers(() -> outbox.offer(new byte[0]))).isEqualTo(CAPACITY / Outbox.FRAME_OVERHEAD_BYTES);
    }

    @Test
    void anEmptyOutboxAcceptsAFrameOfAnySize() throws InterruptedException {
        assertThat(outbox.offer(new byte[2 * CAPACITY])).isTrue();
        assertThat(outbox.offer(new byte[1])).isFalse();
        assertThat(outbox.takeBatch()).hasSize(2 * CAPACITY);
    }

    @Test
    void framesBeingWrittenStillCount() throws Exception {
        outbox.offer(new byte[CAPACITY - Outbox.FRAME_OVERHEAD_BYTES]);
        outbox.takeBatch();
        assertThat(outbox.offer(new byte[1])).isFalse();
        assertThat(outbox.awaitSpace(0, Duration.ZERO)).isFalse();

        var waiting = inBackground(() -> outbox.awaitSpace(0, LONG));
        assertThat(outbox.takeBatch()).as("it is written").isEmpty();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(outbox.offer(bytes("next"))).isTrue();
        assertThat(outbox.takeBatch()).isEqualTo(bytes("next"));
    }

    @Test
    void awaitSpaceWaitsUntilALargeFrameFits() throws Exception {
        var large = new byte[CAPACITY * 3 / 4];
        for (var i = 0; i < 2; i++) outbox.offer(new byte[CAPACITY / 5]);
        assertThat(outbox.offer(large)).isFalse();
        assertThat(outbox.awaitSpace(0, Duration.ZERO)).isTrue();
        assertThat(outbox.awaitSpace(large.length, Duration.ZERO)).isFalse();

        outbox.takeBatch();
        var waiting = inBackground(() -> outbox.awaitSpace(large.length, LONG));
        assertThat(outbox.takeBatch()).isEmpty();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(outbox.offer(large)).isTrue();
        assertThat(outbox.takeBatch()).isEqualTo(large);
    }

    @Test
    void awaitSpaceForATooLargeFrameWaitsUntilTheOutboxIsEmpty() throws Exception {
        outbox.offer(bytes("small"));
        assertThat(outbox.awaitSpace(2 * CAPACITY, Duration.ZERO)).isFalse();

        outbox.takeBatch();
        var waiting = inBackground(() -> outbox.awaitSpace(2 * CAPACITY, LONG));
        assertThat(outbox.takeBatch()).isEmpty();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(outbox.offer(new byte[2 * CAPACITY])).isTrue();
        assertThat(outbox.takeBatch()).hasSize(2 * CAPACITY);
    }

    @Test
    void closeEndsAwaitSpace() throws Exception {
        outbox.offer(new byte[CAPACITY - Outbox.FRAME_OVERHEAD_BYTES]);
        var waiting = inBackground(() -> outbox.awaitSpace(0, LONG));
        outbox.close(bytes("bye"));
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isFalse();
    }

    @Test
    void theLastFrameFollowsTheQueuedOnesAndEndsTheQueue() throws InterruptedException {
        outbox.offer(new byte[CAPACITY - Outbox.FRAME_OVERHEAD_BYTES]);
        assertThat(outbox.close(bytes("bye"))).isTrue();
        assertThat(outbox.close(bytes("again"))).isFalse();
        assertThat(outbox.isOpen()).isFalse();
        assertThat(outbox.offer(bytes("late"))).isFalse();
        assertThat(outbox.offerReply(bytes("late"))).isFalse();
        assertThat(new String(outbox.takeBatch(), UTF_8)).endsWith("bye");
        assertThat(outbox.takeBatch()).isEmpty();
        assertThat(outbox.takeBatch()).isEmpty();
    }

    @Test
    void aDiscardedOutboxReturnsNoFrames() throws Exception {
        outbox.offer(bytes("one"));
        outbox.discard();
        assertThat(outbox.takeBatch()).isEmpty();
        assertThat(outbox.offer(bytes("two"))).isFalse();
    }

    @Test
    void aWriterStartsOnlyIfThereIsNone() {
        assertThat(writers).hasValue(0);
        outbox.offer(bytes("one"));
        outbox.offer(bytes("two"));
        assertThat(writers).hasValue(1);
        outbox.takeBatch();
        outbox.offerReply(bytes("while it is written"));
        assertThat(writers).hasValue(1);
        outbox.takeBatch();
        assertThat(outbox.takeBatch()).isEmpty();
        outbox.offerUnshared(bytes("later"));
        assertThat(writers).hasValue(2);
        outbox.takeBatch();
        assertThat(outbox.takeBatch()).isEmpty();
        outbox.close(bytes("bye"));
        assertThat(writers).hasValue(3);
    }

    @Test
    void awaitWriterEndWaitsForTheWriter() throws Exception {
        outbox.close(bytes("bye"));
        var waiting = inBackground(() -> {
            outbox.awaitWriterEnd();
            return true;
        });
        outbox.takeBatch();
        assertThat(waiting.isDone()).isFalse();
        outbox.takeBatch();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void awaitWriterEndDoesNotWaitAfterADiscard() throws Exception {
        outbox.offer(bytes("one"));
        outbox.takeBatch();
        outbox.discard();
        outbox.awaitWriterEnd();
    }

    @Test
    void framesOfManyThreadsAreWrittenOnceInEachThreadsOrder() throws Exception {
        var written = new ByteArrayOutputStream();
        var busy = new AtomicInteger();
        var busiest = new AtomicInteger();
        var shared = new AtomicReference<Outbox>();
        shared.set(new Outbox(CAPACITY, memory, new SocketMeters(new SimpleMeterRegistry()),
                () -> Thread.ofVirtual().start(() -> {
                    var own = shared.get();
                    for (var batch = own.takeBatch(); batch.length > 0; batch = own.takeBatch()) {
                        busiest.accumulateAndGet(busy.incrementAndGet(), Math::max);
                        written.writeBytes(batch);
                        busy.decrementAndGet();
                    }
                })));
        var producers = new ArrayList<FutureTask<Boolean>>();
        for (var producer = 0; producer < 4; producer++) {
            var id = producer;
            producers.add(inBackground(() -> produce(shared.get(), id)));
        }
        for (var producer : producers) {
            producer.get(1, TimeUnit.MINUTES);
        }
        shared.get().awaitWriterEnd();

        assertThat(busiest).as("writers at once").hasValue(1);
        var next = new int[4];
        for (var in = ByteBuffer.wrap(written.toByteArray()); in.hasRemaining();) {
            assertThat(in.getInt()).isEqualTo(next[in.getInt()]++);
        }
        assertThat(next).containsOnly(1_000);
    }

    private static boolean produce(Outbox into, int id) throws InterruptedException {
        for (var i = 0; i < 1_000; i++) {
            while (!into.offer(ByteBuffer.allocate(8).putInt(i).putInt(id).array())) {
                into.awaitSpace(0, LONG);
            }
        }
        return true;
    }

    private static int acceptedOffers(BooleanSupplier offer) {
        var accepted = 0;
        while (offer.getAsBoolean()) accepted++;
        return accepted;
    }

    private static <T> FutureTask<T> inBackground(Callable<T> task) {
        var future = new FutureTask<>(task);
        Thread.ofVirtual().start(future);
        return future;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(UTF_8);
    }
}
