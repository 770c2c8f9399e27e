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
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;

class OutboxTest {
    private static final int BOUND = 1000;
    private static final int MEMORY = 1 << 20;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final FrameMemory memory = new FrameMemory(MEMORY);
    private final Outbox outbox = new Outbox(BOUND, memory, new SocketMeters(new SimpleMeterRegistry()));

    @Test
    void whatWaitsGoesOutInOneWriteInOrder() throws InterruptedException {
        outbox.offer(bytes("one "));
        outbox.offerReply(bytes("two "));
        outbox.offer(bytes("three"));
        assertThat(outbox.take()).isEqualTo(bytes("one two three"));
    }

    @Test
    void oneWriteHasABoundAndALargeFrameGoesAlone() throws InterruptedException {
        var large = new Outbox(10 * Outbox.GATHER, memory, new SocketMeters(new SimpleMeterRegistry()));
        large.offer(new byte[Outbox.GATHER - 1]);
        large.offer(new byte[1]);
        large.offer(new byte[1]);
        large.offer(new byte[2 * Outbox.GATHER]);
        assertThat(large.take()).hasSize(Outbox.GATHER);
        assertThat(large.take()).hasSize(1);
        assertThat(large.take()).hasSize(2 * Outbox.GATHER);
    }

    @Test
    void messagesStopAtTheBoundAndRepliesAtTheReserve() {
        var frame = new byte[100 - Outbox.OVERHEAD];
        assertThat(offersTaken(() -> outbox.offer(frame))).isEqualTo(BOUND / 100);
        assertThat(offersTaken(() -> outbox.offerReply(frame))).isEqualTo(Outbox.RESERVE / 100);
        assertThat(outbox.offer(new byte[0])).isFalse();
    }

    @Test
    void aFrameOfOneClientAloneIsCountedUntilItIsWritten() throws InterruptedException {
        assertThat(outbox.offerCopy(new byte[400])).isTrue();
        assertThat(outbox.offer(new byte[100])).isTrue();
        assertThat(outbox.offerCopy(new byte[BOUND])).isFalse();
        assertThat(memory.free()).isEqualTo(MEMORY - 512);

        outbox.take();
        assertThat(memory.free()).isEqualTo(MEMORY - 512);
        outbox.close(bytes("bye"));
        outbox.take();
        assertThat(memory.free()).isEqualTo(MEMORY);
    }

    @Test
    void whoWantsToKnowIsToldWhenTheSocketHasAllThatWasQueued() throws InterruptedException {
        var told = new ArrayList<String>();
        outbox.whenSent(() -> told.add("nothing"));
        assertThat(told).containsExactly("nothing");

        outbox.offer(bytes("one"));
        outbox.whenSent(() -> told.add("one"));
        outbox.take();
        outbox.offer(bytes("two"));
        outbox.whenSent(() -> told.add("two"));
        assertThat(told).containsExactly("nothing"); // the writer has it, not the socket

        outbox.take();
        assertThat(told).containsExactly("nothing", "one");
        outbox.abandon();
        assertThat(told).containsExactly("nothing", "one", "two");
    }

    @Test
    void sharedFramesBeforeItDoNotGiveItsMemoryBack() throws InterruptedException {
        var large = new Outbox(10 * Outbox.GATHER, memory, new SocketMeters(new SimpleMeterRegistry()));
        large.offer(new byte[Outbox.GATHER]);
        large.offerCopy(new byte[Outbox.GATHER]);
        large.take();
        large.take(); // the first is written now
        assertThat(memory.free()).isLessThan(MEMORY);
        large.offer(bytes("next"));
        large.take();
        assertThat(memory.free()).isEqualTo(MEMORY);
    }

    @Test
    void theMemoryOfWhatIsThrownAwayIsGivenBack() throws InterruptedException {
        var large = new Outbox(10 * Outbox.GATHER, memory, new SocketMeters(new SimpleMeterRegistry()));
        for (var i = 0; i < 5; i++) large.offerCopy(new byte[10_000]);
        large.take();
        assertThat(memory.free()).isLessThan(MEMORY - 50_000);
        large.abandon();
        assertThat(memory.free()).isEqualTo(MEMORY);
        assertThat(large.offerCopy(new byte[1])).isFalse();
        assertThat(memory.free()).isEqualTo(MEMORY);
    }

    @Test
    void tinyFramesAreBoundedToo() {
        assertThat(offersTaken(() -> outbox.offer(new byte[0]))).isEqualTo(BOUND / Outbox.OVERHEAD);
    }

    @Test
    void anEmptyOutboxTakesAFrameOfAnySize() throws InterruptedException {
        assertThat(outbox.offer(new byte[2 * BOUND])).isTrue();
        assertThat(outbox.offer(new byte[1])).isFalse();
        assertThat(outbox.take()).hasSize(2 * BOUND);
    }

    @Test
    void whatIsBeingWrittenStillCounts() throws Exception {
        outbox.offer(new byte[BOUND - Outbox.OVERHEAD]);
        outbox.take();
        assertThat(outbox.offer(new byte[1])).isFalse();
        assertThat(outbox.awaitRoom(0, Duration.ZERO)).isFalse();

        var writer = inBackground(outbox::take);
        assertThat(outbox.awaitRoom(0, LONG)).isTrue();
        assertThat(outbox.offer(bytes("next"))).isTrue();
        assertThat(writer.get(1, TimeUnit.MINUTES)).isEqualTo(bytes("next"));
    }

    @Test
    void whoWasRefusedALargeFrameWaitsUntilThereIsRoomForIt() throws Exception {
        var large = new byte[BOUND * 3 / 4];
        for (var i = 0; i < 2; i++) outbox.offer(new byte[BOUND / 5]);
        assertThat(outbox.offer(large)).isFalse();
        assertThat(outbox.awaitRoom(0, Duration.ZERO)).isTrue();
        assertThat(outbox.awaitRoom(large.length, Duration.ZERO)).isFalse();

        outbox.take();
        var waiting = inBackground(() -> outbox.awaitRoom(large.length, LONG));
        var writer = inBackground(outbox::take);
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(outbox.offer(large)).isTrue();
        assertThat(writer.get(1, TimeUnit.MINUTES)).isEqualTo(large);
    }

    @Test
    void forAFrameBeyondTheBoundAnEmptyOutboxIsWaitedFor() throws Exception {
        outbox.offer(bytes("small"));
        assertThat(outbox.awaitRoom(2 * BOUND, Duration.ZERO)).isFalse();

        outbox.take();
        var waiting = inBackground(() -> outbox.awaitRoom(2 * BOUND, LONG));
        var writer = inBackground(outbox::take);
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(outbox.offer(new byte[2 * BOUND])).isTrue();
        assertThat(writer.get(1, TimeUnit.MINUTES)).hasSize(2 * BOUND);
    }

    @Test
    void whoWaitsForRoomIsLetGoWhenItCloses() throws Exception {
        outbox.offer(new byte[BOUND - Outbox.OVERHEAD]);
        var waiting = inBackground(() -> outbox.awaitRoom(0, LONG));
        outbox.close(bytes("bye"));
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isFalse();
    }

    @Test
    void theLastFrameGoesBehindWhatIsQueuedAndNothingBehindIt() throws InterruptedException {
        outbox.offer(new byte[BOUND - Outbox.OVERHEAD]);
        assertThat(outbox.close(bytes("bye"))).isTrue();
        assertThat(outbox.close(bytes("again"))).isFalse();
        assertThat(outbox.isOpen()).isFalse();
        assertThat(outbox.offer(bytes("late"))).isFalse();
        assertThat(outbox.offerReply(bytes("late"))).isFalse();
        assertThat(new String(outbox.take(), UTF_8)).endsWith("bye");
        assertThat(outbox.take()).isEmpty();
        assertThat(outbox.take()).isEmpty();
    }

    @Test
    void anAbandonedOutboxGivesNothingOut() throws Exception {
        outbox.offer(bytes("one"));
        outbox.abandon();
        assertThat(outbox.take()).isEmpty();
        assertThat(outbox.offer(bytes("two"))).isFalse();
    }

    @Test
    void aWaitingWriterIsLetGoWhenItIsAbandoned() throws Exception {
        var writer = inBackground(outbox::take);
        outbox.abandon();
        assertThat(writer.get(1, TimeUnit.MINUTES)).isEmpty();
    }

    @Test
    void whatManyThreadsPutInComesOutOnceAndInEachOnesOrder() throws Exception {
        var written = new ByteArrayOutputStream();
        var writer = inBackground(() -> {
            for (var batch = outbox.take(); batch.length > 0; batch = outbox.take()) {
                written.writeBytes(batch);
            }
            return true;
        });
        var producers = new ArrayList<FutureTask<Boolean>>();
        for (var producer = 0; producer < 4; producer++) {
            var id = producer;
            producers.add(inBackground(() -> produce(id)));
        }
        for (var producer : producers) {
            producer.get(1, TimeUnit.MINUTES);
        }
        outbox.close(new byte[0]);
        writer.get(1, TimeUnit.MINUTES);

        var next = new int[4];
        for (var in = ByteBuffer.wrap(written.toByteArray()); in.hasRemaining();) {
            assertThat(in.getInt()).isEqualTo(next[in.getInt()]++);
        }
        assertThat(next).containsOnly(1_000);
    }

    private boolean produce(int id) throws InterruptedException {
        for (var i = 0; i < 1_000; i++) {
            while (!outbox.offer(ByteBuffer.allocate(8).putInt(i).putInt(id).array())) {
                outbox.awaitRoom(0, LONG);
            }
        }
        return true;
    }

    private static int offersTaken(BooleanSupplier offer) {
        var taken = 0;
        while (offer.getAsBoolean()) taken++;
        return taken;
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
