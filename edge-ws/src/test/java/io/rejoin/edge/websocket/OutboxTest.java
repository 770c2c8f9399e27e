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
    private static final int BOUND = 1000;
    private static final int MEMORY = 1 << 20;
    private static final Duration LONG = Duration.ofMinutes(1);

    private final FrameMemory memory = new FrameMemory(MEMORY);
    private final AtomicInteger writers = new AtomicInteger();
    private final Outbox outbox = new Outbox(BOUND, memory, new SocketMeters(new SimpleMeterRegistry()),
            writers::incrementAndGet);

    @Test
    void whatWaitsGoesOutInOneWriteInOrder() throws InterruptedException {
        outbox.offer(bytes("one "));
        outbox.offerReply(bytes("two "));
        outbox.offer(bytes("three"));
        assertThat(outbox.take()).isEqualTo(bytes("one two three"));
    }

    @Test
    void whatGoesBeforeTheFirstFrameIsSentWithItAndIsNone() {
        var registry = new SimpleMeterRegistry();
        var begun = new Outbox(BOUND, memory, new SocketMeters(registry), writers::incrementAndGet, bytes("HTTP "));
        begun.begin();
        begun.begin();
        begun.offer(bytes("one "));
        begun.offer(bytes("two"));
        assertThat(begun.take()).isEqualTo(bytes("HTTP one two"));
        begun.offer(bytes("three"));
        assertThat(begun.take()).isEqualTo(bytes("three"));
        assertThat(writers).hasValue(1);
        assertThat(registry.get("rejoin.edge.frames").tag("direction", "out").counter().count()).isEqualTo(3);
    }

    @Test
    void aLastFrameThatComesBeforeTheBeginningGoesBehindIt() {
        var begun = new Outbox(BOUND, memory, new SocketMeters(new SimpleMeterRegistry()), writers::incrementAndGet,
                bytes("HTTP "));
        assertThat(begun.close(bytes("bye"))).isTrue();
        begun.begin();
        assertThat(writers).hasValue(1);
        assertThat(begun.take()).isEqualTo(bytes("HTTP bye"));
        assertThat(begun.take()).isEmpty();
    }

    @Test
    void oneWriteHasABoundAndALargeFrameGoesAlone() throws InterruptedException {
        var large = new Outbox(10 * Outbox.GATHER, memory, new SocketMeters(new SimpleMeterRegistry()), () -> {});
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
        assertThat(outbox.offerUnshared(new byte[400])).isTrue();
        assertThat(outbox.offer(new byte[100])).isTrue();
        assertThat(outbox.offerUnshared(new byte[BOUND])).isFalse();
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
        assertThat(told).containsExactly("nothing"); // the writer has the frame, the socket may not

        outbox.take();
        assertThat(told).containsExactly("nothing", "one");
        outbox.abandon();
        assertThat(told).containsExactly("nothing", "one", "two");
    }

    @Test
    void sharedFramesBeforeItDoNotGiveItsMemoryBack() throws InterruptedException {
        var large = new Outbox(10 * Outbox.GATHER, memory, new SocketMeters(new SimpleMeterRegistry()), () -> {});
        large.offer(new byte[Outbox.GATHER]);
        large.offerUnshared(new byte[Outbox.GATHER]);
        large.take();
        large.take(); // the second call means that the first frame is written
        assertThat(memory.free()).isLessThan(MEMORY);
        large.offer(bytes("next"));
        large.take();
        assertThat(memory.free()).isEqualTo(MEMORY);
    }

    @Test
    void theMemoryOfWhatIsThrownAwayIsGivenBack() throws InterruptedException {
        var large = new Outbox(10 * Outbox.GATHER, memory, new SocketMeters(new SimpleMeterRegistry()), () -> {});
        for (var i = 0; i < 5; i++) large.offerUnshared(new byte[10_000]);
        large.take();
        assertThat(memory.free()).isLessThan(MEMORY - 50_000);
        large.abandon();
        assertThat(memory.free()).isEqualTo(MEMORY);
        assertThat(large.offerUnshared(new byte[1])).isFalse();
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

        var waiting = inBackground(() -> outbox.awaitRoom(0, LONG));
        assertThat(outbox.take()).as("it is written").isEmpty();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(outbox.offer(bytes("next"))).isTrue();
        assertThat(outbox.take()).isEqualTo(bytes("next"));
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
        assertThat(outbox.take()).isEmpty();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(outbox.offer(large)).isTrue();
        assertThat(outbox.take()).isEqualTo(large);
    }

    @Test
    void forAFrameBeyondTheBoundAnEmptyOutboxIsWaitedFor() throws Exception {
        outbox.offer(bytes("small"));
        assertThat(outbox.awaitRoom(2 * BOUND, Duration.ZERO)).isFalse();

        outbox.take();
        var waiting = inBackground(() -> outbox.awaitRoom(2 * BOUND, LONG));
        assertThat(outbox.take()).isEmpty();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
        assertThat(outbox.offer(new byte[2 * BOUND])).isTrue();
        assertThat(outbox.take()).hasSize(2 * BOUND);
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
    void aWriterBeginsOnlyWhereNobodyWrites() {
        assertThat(writers).hasValue(0);
        outbox.offer(bytes("one"));
        outbox.offer(bytes("two"));
        assertThat(writers).hasValue(1);
        outbox.take();
        outbox.offerReply(bytes("while it is written"));
        assertThat(writers).hasValue(1);
        outbox.take();
        assertThat(outbox.take()).isEmpty();
        outbox.offerUnshared(bytes("later"));
        assertThat(writers).hasValue(2);
        outbox.take();
        assertThat(outbox.take()).isEmpty();
        outbox.close(bytes("bye"));
        assertThat(writers).hasValue(3);
    }

    @Test
    void theEndWaitsForWhoeverWrites() throws Exception {
        outbox.close(bytes("bye"));
        var waiting = inBackground(() -> {
            outbox.awaitWritten();
            return true;
        });
        outbox.take();
        assertThat(waiting.isDone()).isFalse();
        outbox.take();
        assertThat(waiting.get(1, TimeUnit.MINUTES)).isTrue();
    }

    @Test
    void whatIsAbandonedIsNotWaitedFor() throws Exception {
        outbox.offer(bytes("one"));
        outbox.take();
        outbox.abandon();
        outbox.awaitWritten();
    }

    @Test
    void whatManyThreadsPutInComesOutOnceAndInEachOnesOrder() throws Exception {
        var written = new ByteArrayOutputStream();
        var busy = new AtomicInteger();
        var busiest = new AtomicInteger();
        var shared = new AtomicReference<Outbox>();
        shared.set(new Outbox(BOUND, memory, new SocketMeters(new SimpleMeterRegistry()),
                () -> Thread.ofVirtual().start(() -> {
                    var own = shared.get();
                    for (var batch = own.take(); batch.length > 0; batch = own.take()) {
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
        shared.get().awaitWritten();

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
                into.awaitRoom(0, LONG);
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
