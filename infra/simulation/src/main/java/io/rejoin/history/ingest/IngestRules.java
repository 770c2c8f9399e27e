package io.rejoin.history.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.Append;
import io.rejoin.history.store.MessageRow;
import io.rejoin.history.store.Position;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/**
 * Applies history's own rules for records and positions, without Kafka and PostgreSQL, for the simulation. The class
 * is in this package because the rules are package-private.
 */
@NullMarked
public final class IngestRules {
    private IngestRules() {}

    /**
     * Turns records into the transaction that stores them.
     *
     * @param records of the position's partition, from its next offset on
     * @param asBytes whether to encode and decode the records, which is slower
     */
    public static Append append(Position before, List<EventCodec.Sourced> records, boolean asBytes) {
        var entries = new ArrayList<PartitionBatch.Entry>();
        var offset = before.nextOffset();
        for (var record : records) {
            var raw = record(before.partition(), offset++, record, asBytes);
            entries.add(new PartitionBatch.Entry(raw, asBytes ? DecodedRecord.of(raw) : decoded(record)));
        }
        return new PartitionBatch(before, entries).append();
    }

    /**
     * Finds the position from which to read on.
     *
     * @param stored the position in the database, or null
     * @param begin  the lowest offset in the log
     * @param end    the offset of the log's next record
     */
    public static Position place(@Nullable Position stored, String topicId, int partition, long begin, long end) {
        return switch (StartPosition.of(stored, new StartPosition.Log(topicId, partition, begin, end))) {
            case StartPosition.Resume(var at) -> at;
            case StartPosition.Begin(var at) -> at;
            case StartPosition.Skip(_, var to) -> to;
            case StartPosition.Restart(_, var to) -> to;
        };
    }

    private static DecodedRecord decoded(EventCodec.Sourced record) {
        if (!(record.event() instanceof Event.MessagePosted posted))
            return new DecodedRecord.NotStored(record.source());
        var message = new StoredMessage(posted.seq(), posted.user(), posted.id(), posted.content(), posted.ts());
        var content = "{\"text\":\"" + posted.content().text() + "\"}";
        return new DecodedRecord.Message(record.source(),
                new MessageRow(posted.room(), posted.epoch(), message, content));
    }

    private static ConsumerRecord<byte[], byte[]> record(int partition, long offset, EventCodec.Sourced sourced,
            boolean asBytes) {
        var value = asBytes ? EventCodec.value(sourced.event()) : new byte[0];
        var record = new ConsumerRecord<>(TopicNames.PLAIN.events(), partition, offset, new byte[0], value);
        if (asBytes) {
            EventCodec.headers(sourced.event(), sourced.source())
                    .forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
        }
        return record;
    }
}
