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
 * Reads what the last checkpoints of routers say of rooms, from {@code rejoin.state}. Of a key that comes several times the last
 * is the present one. Nothing is kept here.
 */
final class Checkpoints {
    /**
     * The last checkpoint of one shard.
     *
     * @param time  when it was written, in milliseconds since the epoch
     * @param after how many records of commands are not in it
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
     * Hands on the entries of some rooms.
     *
     * @param partition the only one to read; -1 for all
     * @return the checkpoints that they are of, by partition; none where no router has written one yet
     * @throws TroubleException when this version cannot read them
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

    private static TroubleException unreadable(ConsumerRecord<byte[], byte[]> record, CorruptStateException e) {
        return new TroubleException(record.topic() + "-" + record.partition() + "@" + record.offset()
                + " cannot be read by this version of rejoinctl: " + e.getMessage());
    }
}
