package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Topics;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.core.CorruptStateException;
import io.rejoin.router.core.StateCodec;
import io.rejoin.router.core.StateEntry;
import java.io.PrintWriter;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Reads the latest checkpoints of routers from {@code rejoin.state}. When a key occurs several times, the last record
 * is the present one. This class hands on the entries and keeps none.
 */
final class Checkpoints {
    /**
     * The latest checkpoint of one shard.
     *
     * @param time  when it was written, in milliseconds since the epoch
     * @param after number of records in the command log after it
     */
    record Checkpoint(int partition, long time, long after) {}

    private final KafkaAccess kafka;
    private final PrintWriter err;

    Checkpoints(KafkaAccess kafka, PrintWriter err) {
        this.kafka = kafka;
        this.err = err;
    }

    /** The partition that a room is in. */
    int partition(RoomId room) {
        try (var all = TopicReader.ofCommitted(kafka, kafka.topics().state(), -1)) {
            return Topics.partition(room, all.count());
        }
    }

    /**
     * Reads the entries of some rooms and passes each to the reader.
     *
     * @param partition the only one to read; -1 for all
     * @return the checkpoints of the entries, ordered by partition; none for a partition without a checkpoint yet
     * @throws OperatorException when this version cannot read an entry
     */
    List<Checkpoint> read(int partition, Predicate<RoomId> isWanted, Consumer<StateEntry> reader) {
        var commands = ends(partition);
        var topic = kafka.topics().state();
        var found = new TreeMap<Integer, Checkpoint>();
        try (var records = TopicReader.ofCommitted(kafka, topic, partition)) {
            records.fromBeginning();
            records.readAll(new Progress(err, "records of " + topic), record -> {
                if (record.key() == null) return;
                if (!StateCodec.POSITION.equals(new String(record.key(), UTF_8))) entry(record, isWanted, reader);
                else if (record.value() != null)
                    found.put(record.partition(),
                            checkpoint(record, record.value(), commands.getOrDefault(record.partition(), 0L)));
            });
        }
        return List.copyOf(found.values());
    }

    private Map<Integer, Long> ends(int partition) {
        try (var commands = new TopicReader(kafka, kafka.topics().commands(), partition)) {
            return commands.ends();
        }
    }

    private static Checkpoint checkpoint(ConsumerRecord<byte[], byte[]> record, byte[] value, long end) {
        try {
            return new Checkpoint(record.partition(), record.timestamp(),
                    Math.max(0, end - StateCodec.position(value).next()));
        } catch (CorruptStateException e) {
            throw unreadable(record, e);
        }
    }

    private static void entry(ConsumerRecord<byte[], byte[]> record, Predicate<RoomId> isWanted,
            Consumer<StateEntry> reader) {
        try {
            var room = StateCodec.room(record.key());
            if (room != null && isWanted.test(room)) reader.accept(StateCodec.entry(record.key(), record.value()));
        } catch (CorruptStateException e) {
            throw unreadable(record, e);
        }
    }

    private static OperatorException unreadable(ConsumerRecord<byte[], byte[]> record, CorruptStateException e) {
        return new OperatorException(record.topic() + "-" + record.partition() + "@" + record.offset()
                + " cannot be read by this version of rejoinctl: " + e.getMessage());
    }
}
