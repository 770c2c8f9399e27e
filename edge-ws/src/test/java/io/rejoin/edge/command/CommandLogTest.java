package io.rejoin.edge.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.tracing.BrokenTraces;
import io.rejoin.tracing.RecordedTraces;
import io.rejoin.tracing.TraceHeaders;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.errors.InterruptException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class CommandLogTest {
    private static final Duration LONG = Duration.ofSeconds(40);
    private static final int PARTITIONS = 4;
    private static final EdgeRef EDGE = new EdgeRef("edge-1", 1, 0);
    private static final RoomId ROOM = new RoomId("default", "lobby");
    private static final ConnectionId CONNECTION = new ConnectionId("c");

    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
    private final Queue<String> outcomes = new ConcurrentLinkedQueue<>();

    /** Completes every send at once, unless a test sets a failure or a gate. */
    private static final class Producer extends MockProducer<byte[], byte[]> {
        private volatile @Nullable RuntimeException failure;
        private volatile Runnable onFailure = () -> {};
        private volatile @Nullable Thread sender;
        /** Whether a send keeps waiting after an interrupt, like a socket. */
        private volatile boolean ignoresInterrupts;
        private final CountDownLatch gate;

        Producer(CountDownLatch gate) {
            super(true, null, new ByteArraySerializer(), new ByteArraySerializer());
            this.gate = gate;
        }

        @Override
        public synchronized Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, Callback callback) {
            sender = Thread.currentThread();
            await();
            var failing = failure;
            if (failing != null) {
                onFailure.run();
                throw failing;
            }
            return super.send(record, callback);
        }

        /** Waits until the sending thread has ended, unless that thread ignores interrupts. */
        @Override
        public void close(Duration atMost) {
            super.close(atMost);
            var sending = sender;
            if (ignoresInterrupts || sending == null) return;
            try {
                assertThat(sending.join(LONG)).isTrue();
            } catch (InterruptedException e) {
                throw new InterruptException(e);
            }
        }

        private void await() {
            try {
                gate.await();
            } catch (InterruptedException e) {
                if (!ignoresInterrupts) throw new InterruptException(e);
                await();
            }
        }
    }

    @Test
    void recordsThatAreTooLargeAreSplit() throws Exception {
        var gate = new CountDownLatch(1);
        var producer = new Producer(gate);
        var room = new RoomId("default", "lobby");
        var text = "\uD83D\uDE00".repeat(30_000);
        try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, fatal::add)) {
            for (var n = 0; n < 12; n++) {
                var post = new Command.Post(room, new UserId("default", "ann"), new ConnectionId("c"), EDGE, "" + n,
                        Content.text(text));
                assertThat(log.append(post, text.length(), failure -> outcomes.add(failure == null ? "durable" : "")))
                        .isTrue();
            }
            gate.countDown();
            await().atMost(LONG).until(() -> outcomes.size() == 12);
        }

        assertThat(producer.history()).allSatisfy(record -> assertThat(record.value()).hasSizeLessThan(1_000_000));
        var ids = new ArrayList<String>();
        for (var record : producer.history()) {
            for (var command : LogCodec.commands(record.value()))
                ids.add(String.valueOf(((Command.Post) command).id()));
        }
        assertThat(ids).containsExactlyElementsOf(IntStream.range(0, 12).mapToObj(n -> "" + n).toList());
    }

    @Test
    void aTracedCommandHasItsContextInTheRecordHeaders() throws Exception {
        var traces = new RecordedTraces();
        var producer = new Producer(new CountDownLatch(0));
        var step = traces.tracing().begin("post");
        var room = new RoomId("default", "lobby");
        var post = new Command.Post(room, new UserId("default", "ann"), new ConnectionId("c"), EDGE, "1",
                Content.text("hi"));
        try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, traces.tracing(), fatal::add,
                System::nanoTime)) {
            log.append(post, 10, step, failure -> outcomes.add(failure == null ? "durable" : ""));
            log.append(post, 10, failure -> outcomes.add(failure == null ? "durable" : ""));
            await().atMost(LONG).until(() -> outcomes.size() == 2);
        }

        var contexts = producer.history().stream().flatMap(
                record -> TraceHeaders.ofEntries(record.headers()).entrySet().stream()).toList();
        assertThat(contexts).singleElement().satisfies(context -> {
            assertThat(context.getKey()).isZero();
            assertThat(context.getValue()).contains(String.valueOf(step.context()).substring(3, 35));
        });
        assertThat(traces.ended()).containsExactly("send rejoin.commands");
    }

    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record AppendedRecord(int partition, long offset, byte[] key, byte[] value,
            Map<Integer, String> contexts) {}

    @Test
    void theListenerGetsEachRecordBeforeItsCallbacks() throws Exception {
        var traces = new RecordedTraces();
        var producer = new Producer(new CountDownLatch(0));
        var appended = new ConcurrentLinkedQueue<AppendedRecord>();
        try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, traces.tracing(), fatal::add,
                System::nanoTime)) {
            log.setListener((partition, offset, _, key, value, contexts) -> appended
                    .add(new AppendedRecord(partition, offset, key, value, contexts)));
            for (var n = 0; n < 3; n++) {
                var id = "" + n;
                var post = new Command.Post(new RoomId("default", "lobby"), new UserId("default", "ann"),
                        new ConnectionId("c"), EDGE, id, Content.text("hi"));
                log.append(post, 10, traces.tracing().begin("post"),
                        _ -> outcomes.add(id + " told " + appended.size()));
                await().atMost(LONG).until(() -> outcomes.contains(id + " told " + (Integer.parseInt(id) + 1)));
            }
        }

        assertThat(appended).extracting(AppendedRecord::offset).containsExactly(0L, 1L, 2L);
        assertThat(appended).zipSatisfy(producer.history(), (record, sent) -> {
            assertThat(record.partition()).isEqualTo(sent.partition());
            assertThat(record.key()).isEqualTo(sent.key());
            assertThat(record.value()).isEqualTo(sent.value());
            assertThat(record.contexts()).isEqualTo(TraceHeaders.ofEntries(sent.headers())).hasSize(1);
        });
    }

    @Test
    void brokenTracingLosesNoPost() {
        var post = new Command.Post(new RoomId("default", "lobby"), new UserId("default", "ann"), new ConnectionId("c"),
                EDGE, "1", Content.text("hi"));
        for (var broken : List.of(BrokenTraces.inEveryStep(), BrokenTraces.fromTheBeginning())) {
            var producer = new Producer(new CountDownLatch(0));
            try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, broken, fatal::add,
                    System::nanoTime)) {
                log.append(post, 10, BrokenTraces.inEveryStep().begin("post"),
                        failure -> outcomes.add(failure == null ? "durable" : ""));
            }
            assertThat(producer.history()).hasSize(1);
        }

        assertThat(outcomes).containsExactly("durable", "durable");
        assertThat(fatal).isEmpty();
    }

    /** Each record costs one request here, and one at each router. */
    @Test
    void singlePostsAreAppendedAtIntervals() throws InterruptedException {
        assertThat(timeToAppend(100, n -> new Command.Post(ROOM, new UserId("default", "ann"), CONNECTION, EDGE,
                "id-" + n, Content.text("hello")))).isGreaterThanOrEqualTo(AppendPace.MIN_INTERVAL.multipliedBy(99));
    }

    @Test
    void otherCommandsAreAppendedAtLongerIntervals() throws InterruptedException {
        assertThat(timeToAppend(20, n -> new Command.ListMembers(ROOM, CONNECTION, EDGE, n)))
                .isGreaterThanOrEqualTo(AppendPace.MIN_INTERVAL_WITHOUT_POSTS.multipliedBy(19));
    }

    /** The time to append so many commands, each after the outcome of the one before. */
    private Duration timeToAppend(int count, IntFunction<Command.OfRoom> command) throws InterruptedException {
        var producer = new Producer(new CountDownLatch(0));
        var begun = System.nanoTime();
        try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, fatal::add)) {
            for (var n = 1; n <= count; n++) {
                var answered = new CountDownLatch(1);
                log.append(command.apply(n), 300, _ -> answered.countDown());
                assertThat(answered.await(LONG.toSeconds(), TimeUnit.SECONDS)).isTrue();
            }
        }
        assertThat(producer.history()).hasSize(count);
        return Duration.ofNanos(System.nanoTime() - begun);
    }

    @Test
    void commandsOfARoomAreInItsPartitionInOrder() throws Exception {
        var producer = new Producer(new CountDownLatch(0));
        try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, fatal::add)) {
            for (var n = 0; n < 500; n++) append(log, "room-" + n % 7, n);
            await().atMost(LONG).until(() -> outcomes.size() == 500);
        }

        assertThat(outcomes).allMatch("durable"::equals);
        for (var room = 0; room < 7; room++) {
            var name = "room-" + room;
            assertThat(requests(producer.history(), name)).hasSizeGreaterThan(70).isSorted();
        }
        assertThat(producer.history()).allSatisfy(record -> assertThat(LogCodec.commands(record.value()))
                .allSatisfy(command -> assertThat(Topics.partition(((Command.OfRoom) command).room(), PARTITIONS))
                        .isEqualTo(record.partition())));
    }

    @Test
    void commandsOfOneBatchShareARecord() {
        var gate = new CountDownLatch(1);
        var producer = new Producer(gate);
        try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, fatal::add)) {
            append(log, "first", 0);
            for (var n = 0; n < 100; n++) append(log, "lobby", n);
            gate.countDown();
            await().atMost(LONG).until(() -> outcomes.size() == 101);
        }

        assertThat(producer.history()).hasSizeLessThan(10);
    }

    @Test
    void aFailedSendFailsAllCommandsOfTheRecord() {
        var producer = new Producer(new CountDownLatch(0));
        producer.failure = new TimeoutException("buffer full");
        try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, fatal::add)) {
            append(log, "lobby", 1);
            append(log, "lobby", 2);
            await().atMost(LONG).until(() -> outcomes.size() == 2);
            producer.failure = null;
            append(log, "lobby", 3);
            await().atMost(LONG).until(() -> outcomes.size() == 3);
        }

        assertThat(outcomes).containsExactly("unknown", "unknown", "durable");
        assertThat(fatal).isEmpty();
    }

    @Test
    void slowPartitionsDelayOthersOnlyUpToTheTimeLimit() {
        var gate = new CountDownLatch(1);
        var now = new AtomicLong();
        var producer = new Producer(gate);
        producer.failure = new TimeoutException("buffer full");
        producer.onFailure = () -> now.addAndGet(Duration.ofSeconds(2).toNanos()); // each send waits so long
        try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), 64, fatal::add, now::get)) {
            append(log, "first", 0);
            await().atMost(LONG).until(() -> producer.sender != null);
            for (var n = 1; n <= 200; n++) append(log, "room-" + n, n);
            gate.countDown();
            await().atMost(LONG).until(() -> outcomes.size() == 201);
        }

        assertThat(outcomes).containsOnly("unknown");
        assertThat(Duration.ofNanos(now.get())).isEqualTo(Duration.ofSeconds(10));
    }

    @Test
    void aFullQueueRefusesCommands() {
        var gate = new CountDownLatch(1);
        var log = new CommandLog(new Producer(gate), TopicNames.PLAIN.commands(), PARTITIONS, fatal::add);
        var accepted = 0;
        while (append(log, "lobby", accepted)) accepted++;
        assertThat(accepted).isBetween(20_000, 22_000);
        gate.countDown();
        var all = accepted;
        await().atMost(LONG).until(() -> outcomes.size() == all);
        log.close();
    }

    @Test
    void aDeadAppenderIsFatalAndRefusesCommands() {
        var producer = new Producer(new CountDownLatch(0));
        producer.failure = new IllegalStateException("a defect");
        try (var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, fatal::add)) {
            append(log, "lobby", 1);
            await().atMost(LONG).until(() -> fatal.size() == 1);

            assertThat(log.isClosed()).isTrue();
            assertThat(append(log, "lobby", 2)).isFalse();
        }
        assertThat(fatal.element()).hasRootCauseMessage("a defect");
    }

    @Test
    void commandsNotAppendedBeforeTheCloseFail() {
        var producer = new Producer(new CountDownLatch(1));
        var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, fatal::add);
        append(log, "lobby", 1);
        await().atMost(LONG).until(() -> producer.sender != null);
        append(log, "lobby", 2); // still in the queue when close() begins
        log.close();

        await().atMost(LONG).untilAsserted(() -> assertThat(outcomes).containsExactly("unknown", "unknown"));
        assertThat(fatal).isEmpty();
    }

    @Test
    void commandsSentToAClosedProducerFail() throws InterruptedException {
        var gate = new CountDownLatch(1);
        var producer = new Producer(gate);
        producer.ignoresInterrupts = true;
        var log = new CommandLog(producer, TopicNames.PLAIN.commands(), PARTITIONS, fatal::add);
        append(log, "lobby", 0);
        await().atMost(LONG).until(() -> producer.sender != null);
        for (var n = 1; n < 10; n++) append(log, "room-" + n, n);
        var closing = Thread.ofVirtual().start(log::close);
        await().atMost(LONG).until(producer::closed);
        gate.countDown();

        await().atMost(LONG).until(() -> outcomes.size() == 10);
        closing.join();
        assertThat(outcomes).containsOnly("unknown").hasSize(10);
        assertThat(fatal).isEmpty();
    }

    @Test
    void commandsQueuedDuringTheCloseAreCompletedOnce() throws InterruptedException {
        for (var round = 0; round < 50; round++) {
            outcomes.clear();
            var log = new CommandLog(new Producer(new CountDownLatch(0)), TopicNames.PLAIN.commands(), PARTITIONS,
                    fatal::add);
            var accepted = new AtomicInteger();
            var threads = Stream.generate(() -> Thread.ofPlatform().start(() -> {
                while (!log.isClosed()) {
                    if (append(log, "lobby", 1)) accepted.incrementAndGet();
                }
            })).limit(4).toList();
            while (accepted.get() == 0) Thread.onSpinWait();
            log.close();
            for (var thread : threads) thread.join();

            await().atMost(LONG).untilAsserted(() -> assertThat(outcomes.size()).isEqualTo(accepted.get()));
        }
    }

    private boolean append(CommandLog log, String room, long request) {
        var command = new Command.ListMembers(new RoomId("default", room), new ConnectionId("c"), EDGE, request);
        return log.append(command, 300, failure -> outcomes.add(failure == null ? "durable" : "unknown"));
    }

    private static List<Long> requests(List<ProducerRecord<byte[], byte[]>> records, String room)
            throws MalformedRecordException {
        var requests = new ArrayList<Long>();
        for (var record : records) {
            for (var command : LogCodec.commands(record.value())) {
                if (command instanceof Command.ListMembers list && list.room().name().equals(room)) {
                    requests.add(list.request());
                }
            }
        }
        return requests;
    }
}
