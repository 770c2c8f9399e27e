package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.Opened;
import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.contracts.log.RouterBeat;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.OffsetOutOfRangeException;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.WakeupException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Knows which edges are silent, and tells {@link Peers} which routers are. It appends a beat of its own to
 * {@code rejoin.edges} four times a second, and counts how many of them came back since an edge was last heard. So no clock
 * is asked: while Kafka is away, or this process was stopped, nobody becomes silent. A router that is alone beats once a second,
 * for no other one waits for it, and such a beat counts as four.
 */
public final class EdgeWatch implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(EdgeWatch.class);
    private static final Duration BEAT = Duration.ofMillis(250);
    private static final int ALONE = 4;
    /** Beats without a sign after which an edge is silent: about five seconds. */
    private static final long SILENT = 20;
    private static final long FORGOTTEN = 15_000;
    /** Beats for which an edge that was heard counts as living: it says so every eight. */
    private static final long LATELY = 12;
    /** A pause between own beats after which this router was away, rather than others. */
    private static final Duration AWAY = Duration.ofSeconds(2);

    private record Incarnation(String edge, long number) {}

    private final TopicPartition topic;
    private final Consumer<byte[], byte[]> consumer;
    private final Producer<byte[], byte[]> producer;
    private final LogClock clock;
    private final Peers peers;
    private final String ownId;
    private final String link;
    private final LongSupplier nanoTime;
    /** The beat at which an incarnation was last heard, or first asked for. */
    private final Map<Incarnation, Long> heard = new ConcurrentHashMap<>();
    private final Map<EdgeRef, Long> announced = new ConcurrentHashMap<>();
    private final AtomicLong beats = new AtomicLong();
    private volatile @Nullable Long lastCounted;
    /** Of this thread alone, as is what follows. */
    private final UnreadableSigns unreadable;
    private @Nullable Future<RecordMetadata> lastSent;
    private long beatAt;
    /** As how many the beat counts that was sent last. */
    private int weight = 1;

    /**
     * Watches from now on.
     *
     * @param clock learns the log's time from what is read
     * @param id    of this router, unique
     * @param link  where edges reach it, {@code host:port}
     * @param opened takes note of what it connects, until it runs and closes that itself
     */
    public EdgeWatch(Clients clients, LogClock clock, Peers peers, String id, String link, Opened opened) {
        this(opened.add(clients.watcher()), opened.add(clients.signs()), clients.topics(), clock, peers, id,
                link, System::nanoTime);
    }

    EdgeWatch(Consumer<byte[], byte[]> consumer, Producer<byte[], byte[]> producer, TopicNames topics, LogClock clock,
            Peers peers, String id, String link, LongSupplier nanoTime) {
        this.topic = new TopicPartition(topics.edges(), 0);
        this.consumer = consumer;
        this.producer = producer;
        this.clock = clock;
        this.peers = peers;
        this.ownId = id;
        this.link = link;
        this.nanoTime = nanoTime;
        this.beatAt = nanoTime.getAsLong() - ALONE * BEAT.toNanos();
        this.unreadable = new UnreadableSigns(producer, topics.deadLetters());
        consumer.assign(List.of(topic));
        consumer.seekToEnd(List.of(topic));
    }

    @Override
    public void run() {
        try (consumer; producer) {
            while (true) {
                beatIfDue();
                poll(Duration.ofNanos(Math.max(0, untilBeat())));
            }
        } catch (WakeupException _) {
            log.debug("edge watch stopped");
        }
    }

    void beatIfDue() {
        if (untilBeat() <= 0) beat();
    }

    /** In nanoseconds. Once another router is heard, the next beat is due soon. */
    private long untilBeat() {
        return beatAt + pace() * BEAT.toNanos() - nanoTime.getAsLong();
    }

    private int pace() {
        return peers.isAlone() ? ALONE : 1;
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        consumer.wakeup();
    }

    /** Whether nothing has been heard of that incarnation for long. Counts from the first question. Safe from any thread. */
    boolean isSilent(EdgeRef edge) {
        var now = beats.get();
        var last = heard.putIfAbsent(new Incarnation(edge.edge(), edge.incarnation()), now);
        return last != null && now - last > SILENT;
    }

    /** The edges that were heard lately, in the incarnation they gave. Safe from any thread. */
    Set<EdgeRef> announced() {
        var now = beats.get();
        return announced.entrySet().stream().filter(entry -> now - entry.getValue() <= LATELY).map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** When a beat came back last, by the stopwatch; null if none did yet. Safe from any thread. */
    public @Nullable Long lastHeard() {
        return lastCounted;
    }

    private void poll(Duration atMost) {
        try {
            for (var record : consumer.poll(atMost)) take(record);
        } catch (OffsetOutOfRangeException _) {
            consumer.seekToEnd(List.of(topic));
        }
    }

    void take(ConsumerRecord<byte[], byte[]> record) {
        clock.read(record);
        if (record.value() == null) {
            if (record.key() != null) takeBeat(new String(record.key(), UTF_8));
            return;
        }
        if (record.key() != null && EdgeOrder.isKey(new String(record.key(), UTF_8))) return;
        try {
            var edge = LogCodec.heartbeat(record.value()).edge();
            heard.put(new Incarnation(edge.edge(), edge.incarnation()), beats.get());
            announced.put(edge, beats.get());
        } catch (MalformedRecordException e) {
            unreadable.add(record, String.valueOf(e.getMessage()));
        }
    }

    private void takeBeat(String key) {
        var id = RouterBeat.router(key);
        if (id == null) return;
        if (id.equals(ownId)) counted();
        else
            peers.heard(id);
    }

    private void counted() {
        var now = beats.addAndGet(weight);
        heard.values().removeIf(last -> now - last > FORGOTTEN);
        announced.values().removeIf(last -> now - last > LATELY);
        peers.beat();
        var last = lastCounted;
        if (last != null && nanoTime.getAsLong() - last > AWAY.toNanos()) peers.wasAway();
        lastCounted = nanoTime.getAsLong();
    }

    private ProducerRecord<byte[], byte[]> record() {
        var record = new ProducerRecord<byte[], byte[]>(topic.topic(), 0, RouterBeat.key(ownId).getBytes(UTF_8), null);
        record.headers().add(RouterBeat.LINK, link.getBytes(UTF_8));
        return record;
    }

    /**
     * A record without value, so that compaction leaves nothing of it. One at a time: those that pile up while Kafka is away
     * would come back all at once, before the first sign of edges that found Kafka again a moment later.
     */
    private void beat() {
        beatAt = nanoTime.getAsLong();
        if (lastSent != null && !lastSent.isDone()) return;
        try {
            lastSent = producer.send(record());
            weight = pace();
        } catch (KafkaException e) {
            log.atDebug().setCause(e).log("no beat; the next one comes in a moment");
        }
    }
}
