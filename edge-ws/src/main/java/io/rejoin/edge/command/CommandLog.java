package io.rejoin.edge.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.tracing.Step;
import io.rejoin.tracing.TraceHeaders;
import io.rejoin.tracing.Tracing;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.Metric;
import org.apache.kafka.common.MetricName;
import org.apache.kafka.common.errors.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * Appends commands to {@code rejoin.commands}, in the order they were given. Commands of one batch for one partition go
 * into one record.
 *
 * <p>A command that is not appended within its time limit has an unknown outcome, never a failed one: it may still be
 * in flight.
 */
public final class CommandLog implements Commands, AutoCloseable {
    private static final int MAX_QUEUED = 20_000;
    /** The limit of waiting commands, in estimated bytes: a sixteenth of the heap, between 8 and 128 MiB. */
    private static final long MAX_QUEUED_BYTES = Math.clamp(Runtime.getRuntime().maxMemory() / 16, 8L << 20,
            128L << 20);
    private static final int MAX_BATCH = 1_000;
    /** The size of a record with several commands, in estimated bytes. */
    private static final int TARGET_RECORD_BYTES = 256 * 1024;
    /** The largest encoded value of a record, in bytes: routers accept up to a million. */
    private static final int MAX_RECORD_BYTES = 900_000;
    /** The time limit of a command in the queue, and again in the producer. After it, the outcome is unknown. */
    private static final Duration APPEND_TIMEOUT = Duration.ofSeconds(10);
    private static final Duration CLOSE_TIMEOUT = Duration.ofSeconds(2);

    private record Pending(Command.OfRoom command, int bytes, Step parentStep, AppendCallback callback, long queuedAt) {
        boolean isUrgent() {
            return command instanceof Command.Post;
        }
    }

    private final CommandQueue<Pending> queue = new CommandQueue<>(MAX_QUEUED, MAX_QUEUED_BYTES);
    private final Producer<byte[], byte[]> producer;
    private final String topic;
    private final int partitions;
    private final Tracing tracing;
    private final Consumer<Throwable> fatal;
    private final LongSupplier nanoTime;
    private final Thread appender;
    private volatile AppendListener listener = AppendListener.NONE;
    private volatile boolean isClosing;
    /** Used only by the appender thread, like {@link #pace}. */
    private boolean isDead;
    private final AppendPace pace = new AppendPace(System.nanoTime());

    /**
     * Connects to Kafka and starts the appender thread.
     *
     * @param fatal called once if the appender thread dies
     */
    public static CommandLog open(KafkaAccess kafka, int partitions, Tracing tracing, Consumer<Throwable> fatal) {
        var settings = new HashMap<String, Object>();
        // A broker accepts any sequence number in a new producer's first batch: a second one in flight could overtake
        // it
        settings.put(ProducerConfig.MAX_IN_FLIGHT_REQUESTS_PER_CONNECTION, 1);
        settings.put(ProducerConfig.LINGER_MS_CONFIG, 0); // AppendPace is the linger
        settings.put(ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000);
        settings.put(ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, (int) APPEND_TIMEOUT.toMillis());
        settings.put(ProducerConfig.MAX_BLOCK_MS_CONFIG, 2_000);
        return new CommandLog(kafka.producer(settings), kafka.topics().commands(), partitions, tracing, fatal,
                System::nanoTime);
    }

    /** Starts without traces. Takes ownership of the producer. */
    public CommandLog(Producer<byte[], byte[]> producer, String topic, int partitions, Consumer<Throwable> fatal) {
        this(producer, topic, partitions, fatal, System::nanoTime);
    }

    /** With another clock for the waiting time of commands. */
    CommandLog(Producer<byte[], byte[]> producer, String topic, int partitions, Consumer<Throwable> fatal,
            LongSupplier nanoTime) {
        this(producer, topic, partitions, Tracing.off(), fatal, nanoTime);
    }

    CommandLog(Producer<byte[], byte[]> producer, String topic, int partitions, Tracing tracing,
            Consumer<Throwable> fatal, LongSupplier nanoTime) {
        this.producer = producer;
        this.topic = topic;
        this.partitions = partitions;
        this.tracing = tracing;
        this.fatal = fatal;
        this.nanoTime = nanoTime;
        this.appender = Thread.ofPlatform().name("command-log").start(this::run);
    }

    @Override
    public boolean append(Command.OfRoom command, int bytes, Step parentStep, AppendCallback callback) {
        var pending = new Pending(command, bytes, parentStep, callback, nanoTime.getAsLong());
        return queue.offer(pending, bytes, pending.isUrgent());
    }

    /** Sets the listener for records that become durable. */
    public void setListener(AppendListener newListener) {
        listener = newListener;
    }

    @Override
    public boolean isClosed() {
        return isClosing;
    }

    /** The approximate number of commands that wait for Kafka's producer. Safe for any thread. */
    public int queuedCommands() {
        return queue.size();
    }

    /** The metrics of the Kafka producer. Safe for any thread. */
    public Map<MetricName, ? extends Metric> kafkaMetrics() {
        return producer.metrics();
    }

    private void run() {
        var batch = new ArrayList<Pending>();
        try {
            while (!(isClosing && queue.isEmpty())) {
                collectBatch(batch);
                send(batch);
                batch.clear();
            }
        } catch (InterruptedException _) { // close() stopped waiting
            batch.forEach(CommandLog::failStopped);
            Thread.currentThread().interrupt();
        } catch (RuntimeException | Error e) {
            die(e);
        }
    }

    private void die(Throwable cause) {
        closeQueue();
        if (isDead) return;
        isDead = true;
        fatal.accept(new IllegalStateException("the thread that appends commands died", cause));
    }

    private void closeQueue() {
        isClosing = true;
        queue.close();
    }

    /** Waits for a first command, then collects further ones until {@link AppendPace} allows the next batch. */
    private void collectBatch(List<Pending> batch) throws InterruptedException {
        var first = queue.take();
        if (first == null) return;
        batch.add(first);
        var isUrgent = first.isUrgent();
        while (batch.size() < MAX_BATCH) {
            var next = queue.poll();
            if (next != null) {
                batch.add(next);
                isUrgent |= next.isUrgent();
            } else if (!waitForPace(isUrgent)) {
                break;
            }
        }
        pace.recordBatch(batch.size(), System.nanoTime());
    }

    /** Waits for a while; returns false if the batch may be given to the producer now. */
    private boolean waitForPace(boolean isUrgent) throws InterruptedException {
        var waitNanos = pace.nanosUntilNext(isUrgent, System.nanoTime());
        if (waitNanos <= 0 || isClosing) return false;
        if (isUrgent) queue.sleep(waitNanos);
        else
            queue.sleepUnlessUrgent(waitNanos);
        return true;
    }

    private void send(List<Pending> batch) {
        Map<Integer, List<Pending>> byPartition = new HashMap<>();
        for (var pending : batch) {
            byPartition.computeIfAbsent(Topics.partition(pending.command().room(), partitions), _ -> new ArrayList<>())
                    .add(pending);
        }
        byPartition.forEach(this::sendPartition);
    }

    private void sendPartition(int partition, List<Pending> group) {
        var from = 0;
        var bytes = 0;
        for (var i = 0; i < group.size(); i++) {
            if (i > from && bytes + group.get(i).bytes() > TARGET_RECORD_BYTES) {
                sendUnexpired(partition, group.subList(from, i));
                from = i;
                bytes = 0;
            }
            bytes += group.get(i).bytes();
        }
        sendUnexpired(partition, group.subList(from, group.size()));
    }

    /**
     * Sends only the commands that are within their time limit. While Kafka is unreachable, the producer's buffer fills
     * and each send blocks, so that commands can wait too long.
     */
    private void sendUnexpired(int partition, List<Pending> group) {
        var now = nanoTime.getAsLong();
        var unexpired = new ArrayList<Pending>(group.size());
        for (var pending : group) {
            if (now - pending.queuedAt() < APPEND_TIMEOUT.toNanos()) unexpired.add(pending);
            else
                pending.callback().onCompletion(
                        new TimeoutException("the command was not appended within " + APPEND_TIMEOUT));
        }
        if (!unexpired.isEmpty()) sendRecord(partition, unexpired);
    }

    /**
     * Sends one record, or splits it if its encoded value is too large. The sizes that callers give are only estimates:
     * they count a post's content in characters, and a character can take six bytes. If the broker refused a large
     * record, all its commands would fail.
     */
    private void sendRecord(int partition, List<Pending> group) {
        var value = LogCodec.commands(group.stream().<Command>map(Pending::command).toList());
        if (value.length > MAX_RECORD_BYTES && group.size() > 1) {
            sendUnexpired(partition, group.subList(0, group.size() / 2));
            sendUnexpired(partition, group.subList(group.size() / 2, group.size()));
            return;
        }
        var key = group.getFirst().command().room().key().getBytes(UTF_8);
        var record = new ProducerRecord<>(topic, partition, key, value);
        var steps = steps(group);
        TraceHeaders.put(record.headers(), steps);
        try {
            var _ = producer.send(record, (metadata, failure) -> {
                try {
                    if (failure == null && metadata.hasOffset()) notifyListener(record, metadata, steps);
                } finally {
                    complete(group, steps, failure);
                }
            });
        } catch (KafkaException e) { // also on interrupt; the flag stays set
            complete(group, steps, e);
        } catch (RuntimeException e) { // the producer is closed by now, or a bug
            complete(group, steps, e);
            if (!isClosing) die(e);
        }
    }

    private void notifyListener(ProducerRecord<byte[], byte[]> record, RecordMetadata metadata,
            Map<Integer, Step> steps) {
        var contexts = new HashMap<Integer, String>();
        steps.forEach((index, step) -> {
            var context = step.context();
            if (context != null) contexts.put(index, context);
        });
        listener.onAppended(record.partition(), metadata.offset(), metadata.timestamp(), record.key(), record.value(),
                contexts);
    }

    /** A step for each traced command of a group, by its index in the group. */
    private Map<Integer, Step> steps(List<Pending> group) {
        Map<Integer, Step> steps = Map.of();
        for (var i = 0; i < group.size(); i++) {
            if (!group.get(i).parentStep().isTraced()) continue;
            if (steps.isEmpty()) steps = new HashMap<>();
            steps.put(i, tracing.send("send " + topic, group.get(i).parentStep()));
        }
        return steps;
    }

    private static void complete(List<Pending> group, Map<Integer, Step> steps, @Nullable Exception failure) {
        steps.values().forEach(step -> step.end(failure));
        group.forEach(pending -> pending.callback().onCompletion(failure));
    }

    private static void failStopped(Pending pending) {
        pending.callback().onCompletion(new KafkaException("the edge has stopped"));
    }

    /**
     * Appends the waiting commands within a time limit, and stops. The callbacks of all other commands are called, too.
     */
    @Override
    public void close() {
        closeQueue();
        try {
            if (!appender.join(CLOSE_TIMEOUT)) appender.interrupt();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        try {
            producer.close(CLOSE_TIMEOUT);
        } finally {
            for (var next = queue.pollRemaining(); next != null; next = queue.pollRemaining()) failStopped(next);
        }
    }
}
