package io.rejoin.history.ingest;

import io.rejoin.history.store.Append;
import io.rejoin.history.store.MessageRow;
import io.rejoin.history.store.Position;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Records of one partition, in order and without a hole from the position {@code before}. Immutable; computes what to
 * store, without I/O.
 */
record PartitionBatch(Position before, List<Entry> entries) {
    /** A record, encoded and decoded. */
    record Entry(ConsumerRecord<byte[], byte[]> record, DecodedRecord decoded) {}

    PartitionBatch {
        entries = List.copyOf(entries);
    }

    static PartitionBatch of(Position before, List<ConsumerRecord<byte[], byte[]>> records) {
        return new PartitionBatch(before,
                records.stream().map(record -> new Entry(record, DecodedRecord.of(record))).toList());
    }

    /**
     * What to store. {@link Position#isRepetition} decides which messages are new, and which are a router's repetition.
     */
    Append append() {
        var position = before;
        var rows = new ArrayList<MessageRow>();
        var repetitions = new ArrayList<MessageRow>();
        for (var entry : entries) {
            var lastSource = position.lastSource();
            switch (entry.decoded()) {
                case DecodedRecord.Message(var source, var row) -> {
                    if (position.isRepetition(source)) {
                        repetitions.add(row);
                    } else {
                        rows.add(row);
                        lastSource = source;
                    }
                }
                case DecodedRecord.NotStored(var source) ->
                    lastSource = position.isRepetition(source) ? lastSource : source;
                case DecodedRecord.Unreadable _ -> {
                } // already sent to the dead letters
            }
            position = position.advancedTo(entry.record().offset() + 1, lastSource);
        }
        return new Append(before, position, rows, repetitions);
    }

    List<Entry> unreadable() {
        return entries.stream().filter(entry -> entry.decoded() instanceof DecodedRecord.Unreadable).toList();
    }

    /** Splits the batch in two, in order. Requires at least two entries. */
    List<PartitionBatch> halves() {
        var middle = entries.size() / 2;
        var first = new PartitionBatch(before, entries.subList(0, middle));
        return List.of(first, new PartitionBatch(first.append().after(), entries.subList(middle, entries.size())));
    }

    /** A copy of this batch of one entry: the entry is unreadable, for the given reason. */
    PartitionBatch asUnreadable(String reason) {
        var entry = entries.getFirst();
        return new PartitionBatch(before, List.of(new Entry(entry.record(), new DecodedRecord.Unreadable(reason))));
    }
}
