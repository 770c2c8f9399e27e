package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.core.Output;
import io.rejoin.tracing.Step;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntSupplier;
import java.util.function.LongSupplier;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the outputs of one shard in their order through an idempotent producer, and fails as a whole: after the first
 * failure nothing is sent any more. So what it has emitted is a run without holes, which another router may repeat and go
 * on from.
 *
 * <p>That is why the producer is closed inside the failed callback, on its own thread: before that thread could number the
 * batches that follow anew and send them on, over the hole. The shards share it, and all of them fail then.
 *
 * <p>What a shard that was given up has handed to the producer may still be sent, for minutes, in its order. It is what any
 * other owner sends as well.
 */
final class Emitter implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(Emitter.class);
    private static final int FULL_RECORDS = 5_000;
    /** Most entries tried in one delivery record. */
    private static final int BATCH_ENTRIES = 256;

    /** A record to be sent, and the traced steps that end when Kafka has it. */
    private record Outgoing(ProducerRecord<byte[], byte[]> record, Collection<Step> steps) {}

    /** A record for one edge. */
    private record Addressed(EdgeRef edge, Outgoing outgoing) {}

    private final OutputProducer outputs;
    private final Producer<byte[], byte[]> producer;
    private final TopicNames topics;
    private final int partition;
    private final InFlight inFlight;
    private final RouterMeters meters;
    private final DeliveryPartitions deliveryPartitions;
    private final Lanes lanes;
    /** Edges that missed something, and so get nothing more: they have to join again. Of the shard's thread alone. */
    private final Set<EdgeRef> missing = new HashSet<>();
    private final AtomicInteger openRecords = new AtomicInteger();
    private final AtomicLong openBytes = new AtomicLong();
    private Generation generation = new Generation();
    private volatile @Nullable Exception failure;

    /** @param askBroker how many partitions the deliveries have now; blocks */
    Emitter(OutputProducer outputs, TopicNames topics, int partition, IntSupplier askBroker,
            InFlight inFlight,
            RouterMeters meters) {
        this(outputs, topics, partition, askBroker, inFlight, meters, System::nanoTime);
    }

    Emitter(OutputProducer outputs, TopicNames topics, int partition, IntSupplier askBroker,
            InFlight inFlight,
            RouterMeters meters, LongSupplier stopwatch) {
        this.outputs = outputs;
        this.producer = outputs.get();
        this.topics = topics;
        this.partition = partition;
        this.inFlight = inFlight;
        this.meters = meters;
        this.deliveryPartitions = new DeliveryPartitions(producer, topics.deliveries(), partition, askBroker,
                stopwatch);
        this.lanes = new Lanes(stopwatch);
    }

    /** Sends what follows from nothing that is traced. */
    void emit(List<? extends Output> outputs) {
        emit(outputs, Traced.NOTHING);
    }

    /**
     * Sends them; what goes to one edge goes together. Nothing is sent before all of it is encoded. Called by the shard's
     * thread alone.
     */
    void emit(List<? extends Output> outputs, Traced traced) {
        var records = new ArrayList<Outgoing>(outputs.size());
        var deliveries = new ArrayList<Addressed>();
        var byEdge = new LinkedHashMap<EdgeRef, List<DeliveryBatch.Entry>>();
        for (var output : outputs) {
            switch (output) {
                case Output.Fact(var source, var event) -> {
                    var record = record(source, event);
                    records.add(new Outgoing(record, traced.sending(record, source)));
                }
                case Output.DeadLetter letter -> records.add(new Outgoing(record(letter), List.of()));
                case Output.Push(var source, var edge, var delivery) ->
                    byEdge.computeIfAbsent(edge, _ -> new ArrayList<>())
                            .add(new DeliveryBatch.Entry(source, delivery));
            }
        }
        byEdge.forEach((edge, entries) -> {
            if (!isReachable(edge)) return;
            if (missing.contains(edge) || lanes.isCut(edge.partition())) {
                miss(edge, List.of());
                return;
            }
            for (var from = 0; from < entries.size(); from += BATCH_ENTRIES) {
                address(edge, entries.subList(from, Math.min(entries.size(), from + BATCH_ENTRIES)), traced,
                        deliveries);
            }
        });
        meters.emitted(outputs);
        records.forEach(outgoing -> send(outgoing, () -> {}));
        deliveries.forEach(this::deliver);
    }

    /**
     * Cuts off partitions of the deliveries that take nothing, so that the shard need not wait for them. Called often by the
     * shard's thread.
     *
     * @param isHeard whether Kafka answers at all
     */
    void cutOff(boolean isHeard) {
        lanes.cutOff(isHeard, isFull() ? Lanes.STUCK_WHEN_FULL : Lanes.STUCK).forEach(this::miss);
    }

    /**
     * Tells an edge again that it was given up: beside the order of the log, and harmless when repeated.
     *
     * @param source beyond all that it was sent
     */
    void tellGivenUp(EdgeRef edge, Source source) {
        if (!isReachable(edge) || !lanes.mayProbe(edge.partition())) return;
        var batch = new DeliveryBatch(edge.edge(), edge.incarnation(),
                List.of(new DeliveryBatch.Entry(source, new Delivery.GivenUp(edge.incarnation()))));
        var record = new ProducerRecord<>(topics.deliveries(), edge.partition(), edge.edge().getBytes(UTF_8),
                LogCodec.deliveries(batch));
        if (failure != null) return;
        try {
            var _ = producer.send(record, (_, failed) -> lanes.probed(edge.partition(), failed == null));
        } catch (KafkaException | IllegalStateException e) {
            fail(e);
        }
    }

    /**
     * An edge is not sent something. Before a checkpoint goes beyond that, the log says that it has to join again: until then the
     * records that were cut off keep their checkpoint waiting, which is another one than that of the command.
     */
    private void miss(EdgeRef edge, List<Lanes.Sent> cut) {
        if (!missing.add(edge) && cut.isEmpty()) return;
        log.atError().addKeyValue("edge", edge.edge()).addKeyValue("deliveries_partition", edge.partition())
                .addKeyValue("partition", partition)
                .log("a partition of the deliveries takes nothing: the edge behind it is given up until it does."
                        + " Check whether that partition has a leader");
        meters.cutOff();
        giveUp(edge, () -> lanes.settle(cut));
    }

    /** Keeps a command record where people find it. */
    void deadLetter(ConsumerRecord<byte[], byte[]> record, String reason) {
        meters.deadLetter();
        send(DeadLetter.of(topics.deadLetters(), record, reason));
    }

    /** Keeps some commands of a record where people find them; why, by their index. */
    void deadLetters(ConsumerRecord<byte[], byte[]> record, SequencedMap<Integer, String> reasons) {
        for (var letter : DeadLetter.of(topics.deadLetters(), record, reasons)) {
            meters.deadLetter();
            send(letter);
        }
    }

    /** Says in the log that an edge is lost. */
    void giveUp(EdgeRef edge) {
        giveUp(edge, () -> {});
    }

    private void giveUp(EdgeRef edge, Runnable said) {
        var value = LogCodec.commands(1, List.of(new Command.EdgeLost(edge.edge(), edge.incarnation())));
        send(new ProducerRecord<>(topics.commands(), partition, edge.edge().getBytes(UTF_8), value), said);
    }

    /** Begins a new generation; the one before holds all that was sent since the last turn. */
    Generation turn() {
        var before = generation;
        generation = new Generation();
        return before;
    }

    /** Whether so much is open that the shard should take no more for now. Safe for any thread. */
    boolean isFull() {
        return openRecords.get() > FULL_RECORDS || openBytes.get() > inFlight.each();
    }

    /** Why it has stopped; null while it has not. */
    @Nullable
    Exception failure() {
        return failure;
    }

    private boolean isReachable(EdgeRef edge) {
        try {
            return deliveryPartitions.have(edge);
        } catch (KafkaException | IllegalStateException e) {
            fail(e);
            return false;
        }
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

    /** One record, or two where one would be too large. */
    private void address(EdgeRef edge, List<DeliveryBatch.Entry> entries, Traced traced, List<Addressed> deliveries) {
        var value = LogCodec.deliveries(new DeliveryBatch(edge.edge(), edge.incarnation(), entries));
        if (value.length <= Clients.MAX_VALUE || entries.size() == 1) {
            var record = new ProducerRecord<>(topics.deliveries(), edge.partition(), edge.edge().getBytes(UTF_8),
                    value);
            deliveries.add(new Addressed(edge, new Outgoing(record, traced.sending(record, entries))));
            return;
        }
        var half = entries.size() / 2;
        address(edge, entries.subList(0, half), traced, deliveries);
        address(edge, entries.subList(half, entries.size()), traced, deliveries);
    }

    private void send(ProducerRecord<byte[], byte[]> record) {
        send(record, () -> {});
    }

    private void send(ProducerRecord<byte[], byte[]> record, Runnable taken) {
        send(new Outgoing(record, List.of()), taken);
    }

    private void send(Outgoing outgoing, Runnable taken) {
        if (failure != null) return;
        var settle = opened(outgoing.record());
        send(outgoing, (_, failed) -> {
            if (failed != null) {
                fail(failed);
                return;
            }
            taken.run();
            settle.run();
        });
    }

    private void deliver(Addressed delivery) {
        if (failure != null) return;
        var sent = lanes.sent(delivery.edge(), opened(delivery.outgoing().record()));
        send(delivery.outgoing(), (_, failed) -> {
            if (failed == null) lanes.acknowledged(sent);
            else if (!lanes.isHarmless(sent)) fail(failed);
        });
    }

    private void send(Outgoing outgoing, Callback callback) {
        try {
            var _ = producer.send(outgoing.record(), (metadata, failed) -> {
                outgoing.steps().forEach(step -> step.end(failed));
                callback.onCompletion(metadata, failed);
            });
        } catch (KafkaException | IllegalStateException e) {
            fail(e);
        }
    }

    /** A record is on its way; what is given back is run once it is not any more. */
    private Runnable opened(ProducerRecord<byte[], byte[]> record) {
        var sentIn = generation;
        var bytes = record.value() == null ? 0 : record.value().length;
        sentIn.sent();
        openRecords.incrementAndGet();
        openBytes.addAndGet(bytes);
        var begun = System.nanoTime();
        return () -> {
            meters.appended(System.nanoTime() - begun);
            openRecords.decrementAndGet();
            openBytes.addAndGet(-bytes);
            sentIn.acknowledged();
        };
    }

    private void fail(Exception cause) {
        if (failure != null) return;
        failure = cause;
        outputs.failed(producer);
    }

    /** Sends nothing more. */
    @Override
    public void close() {
        if (failure == null) failure = new IllegalStateException("the shard was given up");
    }
}
