package io.rejoin.router.shard;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.DeliveryEncoder;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.core.Output;
import io.rejoin.router.kafka.DeadLetterRecords;
import io.rejoin.router.kafka.InFlightLimits;
import io.rejoin.router.kafka.KafkaClients;
import io.rejoin.router.kafka.OutputProducer;
import io.rejoin.router.link.ShardPushes;
import io.rejoin.router.metrics.RouterMeters;
import io.rejoin.tracing.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SequencedMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;

/**
 * Sends the outputs of one shard in order: events through an idempotent producer, deliveries over the streams of edges.
 * After the first failure it sends nothing more. So the emitted outputs have no gap, and another router can repeat them
 * and continue.
 *
 * <p>So the callback of the first failed record closes the producer, also when the shard was given up before. The
 * callback runs on the producer's own thread, so this thread can send nothing before the producer is closed. Otherwise
 * it could renumber the later batches and send them, which would leave a gap. All shards share the producer, so all of
 * them fail then.
 *
 * <p>Records that a shard has passed to the producer may still be sent minutes after the shard was given up, in their
 * order. Any other owner sends the same records.
 */
public final class Emitter implements AutoCloseable {
    private static final int MAX_UNACKED_RECORDS = 5_000;
    /** At most this many entries go into one batch for an edge. */
    private static final int MAX_BATCH_ENTRIES = 256;

    /** A record to send, and the traced steps that end when Kafka has acknowledged it. */
    private record Outgoing(ProducerRecord<byte[], byte[]> record, Collection<Step> steps) {}

    /** A batch to push to one edge, and the traced steps in it. */
    @SuppressWarnings("ArrayRecordComponent") // never compared
    private record EncodedBatch(DeliveryBatch batch, byte[] value, Map<Integer, Step> steps) {}

    private final OutputProducer outputProducer;
    private final Producer<byte[], byte[]> producer;
    private final TopicNames topics;
    private final int partition;
    private final InFlightLimits inFlightLimits;
    private final RouterMeters meters;
    private final ShardPushes pushes;
    private final AtomicInteger unackedRecords = new AtomicInteger();
    private final AtomicLong unackedBytes = new AtomicLong();
    private UnackedOutputs unackedOutputs = new UnackedOutputs();
    private final AtomicBoolean hasClosedProducer = new AtomicBoolean();
    private volatile @Nullable Exception failure;

    public Emitter(OutputProducer outputProducer, TopicNames topics, int partition, ShardPushes pushes,
            InFlightLimits inFlightLimits, RouterMeters meters) {
        this.outputProducer = outputProducer;
        this.producer = outputProducer.get();
        this.topics = topics;
        this.partition = partition;
        this.pushes = pushes;
        this.inFlightLimits = inFlightLimits;
        this.meters = meters;
    }

    /** Sends outputs without tracing. */
    public void emit(List<? extends Output> outputs) {
        emit(outputs, TracedCommands.NONE);
    }

    /**
     * Sends events to Kafka and pushes deliveries to edges. Deliveries to one edge go in one batch; a delivery to
     * several edges is encoded once. Nothing is sent before everything is encoded. Called only by the shard's thread.
     */
    public void emit(List<? extends Output> outputs, TracedCommands traced) {
        var records = new ArrayList<Outgoing>(outputs.size());
        var batches = new ArrayList<EncodedBatch>();
        var byEdge = new LinkedHashMap<EdgeRef, List<DeliveryBatch.Entry>>();
        for (var output : outputs) {
            switch (output) {
                case Output.Fact(var source, var event) -> {
                    var record = record(source, event);
                    records.add(new Outgoing(record, traced.startSend(record, source)));
                }
                case Output.DeadLetter letter -> records.add(new Outgoing(record(letter), List.of()));
                case Output.Push(var source, var edge, var delivery) ->
                    byEdge.computeIfAbsent(edge, _ -> new ArrayList<>())
                            .add(new DeliveryBatch.Entry(source, delivery));
            }
        }
        var encoder = new DeliveryEncoder();
        byEdge.forEach((edge, entries) -> {
            for (var from = 0; from < entries.size(); from += MAX_BATCH_ENTRIES) {
                var chunk = entries.subList(from, Math.min(entries.size(), from + MAX_BATCH_ENTRIES));
                encodeAndSplit(new DeliveryBatch(edge.edge(), edge.incarnation(), chunk), encoder, traced, batches);
            }
        });
        meters.countOutputs(outputs);
        batches.forEach(this::push);
        records.forEach(this::send);
    }

    private void push(EncodedBatch batch) {
        if (failure != null) return;
        var contexts = new HashMap<Integer, String>();
        batch.steps().forEach((index, step) -> {
            var context = step.context();
            if (context != null) contexts.put(index, context);
        });
        pushes.push(batch.batch(), batch.value(), contexts);
        batch.steps().values().forEach(Step::end);
    }

    /** Delivers unconfirmed messages again, outside the log order. */
    void redeliver(List<Output.Push> redeliveries) {
        if (failure != null) return;
        meters.countOutputs(redeliveries);
        for (var each : redeliveries) pushes.pushUnordered(batch(each.edge(), each.source(), each.delivery()));
    }

    /**
     * Sends {@link Delivery.GivenUp} to an edge that has a stream. Outside the log order, and harmless when repeated.
     *
     * @param source later than every source that the edge was sent
     */
    void sendGivenUp(EdgeRef edge, Source source) {
        if (failure == null) pushes.pushUnordered(batch(edge, source, new Delivery.GivenUp(edge.incarnation())));
    }

    private static DeliveryBatch batch(EdgeRef edge, Source source, Delivery delivery) {
        return new DeliveryBatch(edge.edge(), edge.incarnation(), List.of(new DeliveryBatch.Entry(source, delivery)));
    }

    /** Sends a command record to the dead letters. */
    void deadLetter(ConsumerRecord<byte[], byte[]> record, String reason) {
        meters.countDeadLetter();
        send(DeadLetterRecords.of(topics.deadLetters(), record, reason));
    }

    /**
     * Sends some commands of a record to the dead letters.
     *
     * @param reasons by the command's index in the record
     */
    void deadLetters(ConsumerRecord<byte[], byte[]> record, SequencedMap<Integer, String> reasons) {
        for (var letter : DeadLetterRecords.of(topics.deadLetters(), record, reasons)) {
            meters.countDeadLetter();
            send(letter);
        }
    }

    /** Appends an {@link Command.EdgeLost} to the command log. */
    void appendEdgeLost(EdgeRef edge) {
        var value = LogCodec.commands(1, List.of(new Command.EdgeLost(edge.edge(), edge.incarnation())));
        send(new ProducerRecord<>(topics.commands(), partition, edge.edge().getBytes(UTF_8), value));
    }

    /** Returns the counter of the records sent since the last call, and starts a new one. */
    UnackedOutputs takeUnackedOutputs() {
        var previous = unackedOutputs;
        unackedOutputs = new UnackedOutputs();
        return previous;
    }

    /**
     * Whether so many records are unacknowledged that the shard should take no more commands until Kafka has
     * acknowledged some. Safe for any thread.
     */
    boolean isFull() {
        return unackedRecords.get() > MAX_UNACKED_RECORDS || unackedBytes.get() > inFlightLimits.bytesPerShard();
    }

    /** Why the emitter has stopped; null while it has not. */
    @Nullable
    public Exception failure() {
        return failure;
    }

    private ProducerRecord<byte[], byte[]> record(Source source, Event event) {
        return cloudEvent(topics.events(), partition, source, event);
    }

    private ProducerRecord<byte[], byte[]> record(Output.DeadLetter letter) {
        var record = cloudEvent(topics.deadLetters(), null, letter.source(), letter.event());
        var from = topics.commands() + "-" + partition + "@" + letter.offset();
        record.headers().add(Topics.DEAD_LETTER_FROM, from.getBytes(UTF_8));
        record.headers().add(Topics.DEAD_LETTER_REASON, letter.reason().getBytes(UTF_8));
        return record;
    }

    private static ProducerRecord<byte[], byte[]> cloudEvent(String topic, @Nullable Integer partition, Source source,
            Event event) {
        var record = new ProducerRecord<>(topic, partition, event.room().key().getBytes(UTF_8),
                EventCodec.value(event));
        EventCodec.headers(event, source)
                .forEach((name, value) -> record.headers().add(name, value.getBytes(UTF_8)));
        return record;
    }

    /** Encodes a batch, and splits it where it is too large. */
    private static void encodeAndSplit(DeliveryBatch batch, DeliveryEncoder encoder, TracedCommands traced,
            List<EncodedBatch> batches) {
        var entries = batch.entries();
        var value = encoder.encode(batch);
        if (value.length <= KafkaClients.MAX_VALUE_BYTES || entries.size() == 1) {
            batches.add(new EncodedBatch(batch, value, traced.startPushes(entries)));
            return;
        }
        var half = entries.size() / 2;
        encodeAndSplit(part(batch, 0, half), encoder, traced, batches);
        encodeAndSplit(part(batch, half, entries.size()), encoder, traced, batches);
    }

    private static DeliveryBatch part(DeliveryBatch batch, int from, int to) {
        return new DeliveryBatch(batch.edge(), batch.incarnation(), batch.entries().subList(from, to));
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        send(new Outgoing(record, List.of()));
    }

    private void send(Outgoing outgoing) {
        if (failure != null) return;
        var onAcknowledged = countUnacked(outgoing.record());
        try {
            var _ = producer.send(outgoing.record(), (_, error) -> {
                outgoing.steps().forEach(step -> step.end(error));
                if (error == null) onAcknowledged.run();
                else
                    fail(error);
            });
        } catch (KafkaException | IllegalStateException e) {
            fail(e);
        }
    }

    /** Counts a record as unacknowledged. The caller runs the result when Kafka has acknowledged the record. */
    private Runnable countUnacked(ProducerRecord<byte[], byte[]> record) {
        var unacked = unackedOutputs;
        var bytes = record.value() == null ? 0 : record.value().length;
        unacked.onSent();
        unackedRecords.incrementAndGet();
        unackedBytes.addAndGet(bytes);
        var sentAt = System.nanoTime();
        return () -> {
            meters.recordAppend(System.nanoTime() - sentAt);
            unackedRecords.decrementAndGet();
            unackedBytes.addAndGet(-bytes);
            unacked.onAcknowledged();
        };
    }

    /**
     * Closes the producer also when the shard was given up before: what it passed to the producer later must not get
     * into the log without this record. The next owner repeats both, but history would take this one for a repetition.
     */
    private void fail(Exception cause) {
        if (failure == null) failure = cause;
        if (hasClosedProducer.compareAndSet(false, true)) outputProducer.closeFailed(producer);
    }

    /** Stops the emitter: it sends nothing more. */
    @Override
    public void close() {
        if (failure == null) failure = new IllegalStateException("the shard is closed");
    }
}
