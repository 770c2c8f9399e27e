package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.StartupResources;
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
 * Detects silent edges, and reports the beats of other routers to {@link Peers}. This router appends its own beat to
 * {@code rejoin.edges} four times a second. Silence is the number of own beats that came back since an edge's last
 * heartbeat. So no clock is involved: while Kafka is away, or this process is suspended, no edge becomes silent. A
 * router without peers beats once a second, because no other router waits for its beats. Such a beat counts as four.
 */
public final class EdgeWatch implements Runnable {
    private static final Logger log = LoggerFactory.getLogger(EdgeWatch.class);
    private static final Duration BEAT = Duration.ofMillis(250);
    private static final int ALONE = 4;
    /** After this many beats without a heartbeat an edge is silent: about five seconds. */
    private static final long SILENT = 20;
    private static final long FORGOTTEN = 15_000;
    /** An edge counts as alive for this many beats after a heartbeat. It sends one about every eight beats. */
    private static final long LATELY = 12;
    /** After a longer pause between own beats, this router was away, and not the others. */
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
    /** The beat count at the last heartbeat of an incarnation, or at the first question about it. */
    private final Map<Incarnation, Long> heard = new ConcurrentHashMap<>();
    private final Map<EdgeRef, Long> announced = new ConcurrentHashMap<>();
    private final AtomicLong beats = new AtomicLong();
    private volatile @Nullable Long lastCounted;
    /** This field and the ones below are used only by the thread of {@link #run}. */
    private final UnreadableHeartbeats unreadable;
    private @Nullable Future<RecordMetadata> lastSent;
    private long beatAt;
    /** The number of beats that the last beat counts as. */
    private int weight = 1;

    /**
     * Starts to watch at the end of the topic.
     *
     * @param clock  takes the log time of the records that are read
     * @param id     of this router, unique
     * @param link   address for edges, {@code host:port}
     * @param opened owns the clients until {@link #run} starts and closes them itself
     */
    public EdgeWatch(Clients clients, LogClock clock, Peers peers, String id, String link, StartupResources opened) {
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
        this.unreadable = new UnreadableHeartbeats(producer, topics.deadLetters());
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

    /** The time until the next beat, in nanoseconds. It shrinks as soon as another router is heard. */
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

    /**
     * Whether an incarnation has sent no heartbeat for long. The count starts at the first question at the latest. Safe
     * from any thread.
     */
    boolean isSilent(EdgeRef edge) {
        var now = beats.get();
        var last = heard.putIfAbsent(new Incarnation(edge.edge(), edge.incarnation()), now);
        return last != null && now - last > SILENT;
    }

    /** The edges with a recent heartbeat, in the incarnation that it named. Safe from any thread. */
    Set<EdgeRef> announced() {
        var now = beats.get();
        return announced.entrySet().stream().filter(entry -> now - entry.getValue() <= LATELY).map(Map.Entry::getKey)
                .collect(Collectors.toSet());
    }

    /** When an own beat last came back, by the stopwatch; null if none has yet. Safe from any thread. */
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
     * Sends a beat: a record without a value, so that compaction removes it. Only one beat is in flight at a time.
     * Otherwise many beats would pile up while Kafka is away, and come back all at once. They would arrive before the
     * first heartbeat of an edge that reconnects to Kafka a moment later.
     */
    private void beat() {
        beatAt = nanoTime.getAsLong();
        if (lastSent != null && !lastSent.isDone()) return;
        try {
            lastSent = producer.send(record());
            weight = pace();
        } catch (KafkaException e) {
            log.atDebug().setCause(e).log("cannot send a heartbeat; the router retries soon");
        }
    }
}
