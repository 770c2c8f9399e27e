package io.rejoin.router.liveness;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.StartupResources;
import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.contracts.log.RouterBeat;
import io.rejoin.router.kafka.KafkaClients;
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
    private static final Duration BEAT_INTERVAL = Duration.ofMillis(250);
    /** The number of beats that a beat of a router without peers counts as. */
    private static final int WEIGHT_WHEN_ALONE = 4;
    /** After this many beats without a heartbeat an edge is silent: about five seconds. */
    private static final long MAX_SILENT_BEATS = 20;
    private static final long FORGET_AFTER_BEATS = 15_000;
    /** An edge counts as alive for this many beats after a heartbeat. It sends one about every eight beats. */
    private static final long RECENT_BEATS = 12;
    /** After a longer pause between own beats, this router was away, and not the others. */
    private static final Duration MAX_BEAT_PAUSE = Duration.ofSeconds(2);

    private record Incarnation(String edge, long number) {}

    private final TopicPartition topic;
    private final Consumer<byte[], byte[]> consumer;
    private final Producer<byte[], byte[]> producer;
    private final LogClock clock;
    private final Peers peers;
    private final String ownId;
    private final String linkAddress;
    private final LongSupplier nanoTime;
    /** The beat count at the last heartbeat of an incarnation, or at the first question about it. */
    private final Map<Incarnation, Long> lastHeardByIncarnation = new ConcurrentHashMap<>();
    /** The beat count at the last heartbeat of an edge. */
    private final Map<EdgeRef, Long> lastHeardByEdge = new ConcurrentHashMap<>();
    private final AtomicLong beatCount = new AtomicLong();
    private volatile @Nullable Long lastOwnBeatAt;
    /** This field and the ones below are used only by the thread of {@link #run}. */
    private final UnreadableHeartbeats unreadable;
    private @Nullable Future<RecordMetadata> lastSend;
    private long lastBeatSentAt;
    /** The number of beats that the last beat counts as. */
    private int lastBeatWeight = 1;

    /**
     * Starts to watch at the end of the topic.
     *
     * @param clock       receives the log time of the records that are read
     * @param id          of this router, unique
     * @param linkAddress for edges, {@code host:port}
     * @param resources   owns the clients until {@link #run} starts and closes them itself
     */
    public EdgeWatch(KafkaClients clients, LogClock clock, Peers peers, String id, String linkAddress,
            StartupResources resources) {
        this(resources.add(clients.heartbeatReader()), resources.add(clients.controlProducer()), clients.topics(),
                clock, peers, id, linkAddress, System::nanoTime);
    }

    public EdgeWatch(Consumer<byte[], byte[]> consumer, Producer<byte[], byte[]> producer, TopicNames topics,
            LogClock clock,
            Peers peers, String id, String linkAddress, LongSupplier nanoTime) {
        this.topic = new TopicPartition(topics.edges(), 0);
        this.consumer = consumer;
        this.producer = producer;
        this.clock = clock;
        this.peers = peers;
        this.ownId = id;
        this.linkAddress = linkAddress;
        this.nanoTime = nanoTime;
        this.lastBeatSentAt = nanoTime.getAsLong() - WEIGHT_WHEN_ALONE * BEAT_INTERVAL.toNanos();
        this.unreadable = new UnreadableHeartbeats(producer, topics.deadLetters());
        consumer.assign(List.of(topic));
        consumer.seekToEnd(List.of(topic));
    }

    @Override
    public void run() {
        try (consumer; producer) {
            while (true) {
                sendBeatIfDue();
                poll(Duration.ofNanos(Math.max(0, nanosUntilBeat())));
            }
        } catch (WakeupException _) {
            log.debug("edge watch stopped");
        }
    }

    void sendBeatIfDue() {
        if (nanosUntilBeat() <= 0) sendBeat();
    }

    /** The time until the next beat, in nanoseconds. It shrinks as soon as another router is heard. */
    private long nanosUntilBeat() {
        return lastBeatSentAt + currentWeight() * BEAT_INTERVAL.toNanos() - nanoTime.getAsLong();
    }

    private int currentWeight() {
        return peers.isAlone() ? WEIGHT_WHEN_ALONE : 1;
    }

    /** Makes {@link #run} return. Safe from any thread. */
    public void stop() {
        consumer.wakeup();
    }

    /**
     * Returns whether an incarnation has sent no heartbeat for long. Begins to watch an incarnation that is new here.
     * Safe from any thread.
     */
    public boolean checkSilent(EdgeRef edge) {
        var now = beatCount.get();
        var last = lastHeardByIncarnation.putIfAbsent(new Incarnation(edge.edge(), edge.incarnation()), now);
        return last != null && now - last > MAX_SILENT_BEATS;
    }

    /** The edges with a recent heartbeat, in the incarnation that it named. Safe from any thread. */
    public Set<EdgeRef> recentEdges() {
        var now = beatCount.get();
        return lastHeardByEdge.entrySet().stream().filter(entry -> now - entry.getValue() <= RECENT_BEATS)
                .map(Map.Entry::getKey).collect(Collectors.toSet());
    }

    /** When an own beat last came back, by the stopwatch; null if none has yet. Safe from any thread. */
    public @Nullable Long lastOwnBeatAt() {
        return lastOwnBeatAt;
    }

    private void poll(Duration timeout) {
        try {
            for (var record : consumer.poll(timeout)) process(record);
        } catch (OffsetOutOfRangeException _) {
            consumer.seekToEnd(List.of(topic));
        }
    }

    public void process(ConsumerRecord<byte[], byte[]> record) {
        clock.update(record);
        if (record.value() == null) {
            if (record.key() != null) processBeat(new String(record.key(), UTF_8));
            return;
        }
        if (record.key() != null && EdgeOrder.isKey(new String(record.key(), UTF_8))) return;
        try {
            var edge = LogCodec.heartbeat(record.value()).edge();
            lastHeardByIncarnation.put(new Incarnation(edge.edge(), edge.incarnation()), beatCount.get());
            lastHeardByEdge.put(edge, beatCount.get());
        } catch (MalformedRecordException e) {
            unreadable.add(record, String.valueOf(e.getMessage()));
        }
    }

    private void processBeat(String key) {
        var id = RouterBeat.router(key);
        if (id == null) return;
        if (id.equals(ownId)) onOwnBeat();
        else
            peers.onBeat(id);
    }

    private void onOwnBeat() {
        var now = beatCount.addAndGet(lastBeatWeight);
        lastHeardByIncarnation.values().removeIf(last -> now - last > FORGET_AFTER_BEATS);
        lastHeardByEdge.values().removeIf(last -> now - last > RECENT_BEATS);
        peers.onOwnBeat();
        var last = lastOwnBeatAt;
        if (last != null && nanoTime.getAsLong() - last > MAX_BEAT_PAUSE.toNanos()) peers.onOwnPause();
        lastOwnBeatAt = nanoTime.getAsLong();
    }

    private ProducerRecord<byte[], byte[]> beatRecord() {
        var record = new ProducerRecord<byte[], byte[]>(topic.topic(), 0, RouterBeat.key(ownId).getBytes(UTF_8), null);
        record.headers().add(RouterBeat.LINK, linkAddress.getBytes(UTF_8));
        return record;
    }

    /**
     * Sends a beat: a record without a value, so that compaction removes it. Only one beat is in flight at a time.
     * Otherwise many beats would pile up while Kafka is away, and come back all at once. They would arrive before the
     * first heartbeat of an edge that reconnects to Kafka a moment later.
     */
    private void sendBeat() {
        lastBeatSentAt = nanoTime.getAsLong();
        if (lastSend != null && !lastSend.isDone()) return;
        try {
            lastSend = producer.send(beatRecord());
            lastBeatWeight = currentWeight();
        } catch (KafkaException e) {
            log.atDebug().setCause(e).log("cannot send a heartbeat; the router retries soon");
        }
    }
}
