package io.rejoin.history.ingest;

import io.rejoin.history.store.Append;
import io.rejoin.history.store.MessageRow;
import io.rejoin.history.store.Position;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.clients.consumer.ConsumerRecord;

/**
 * Records of one partition, in order, without a hole since {@code before}. Pure: it decides what they come to, and never
 * changes.
 */
record PartitionBatch(Position before, List<Entry> entries) {
    /** A record and what it is. */
    record Entry(ConsumerRecord<byte[], byte[]> record, Intake intake) {}

    PartitionBatch {
        entries = List.copyOf(entries);
    }

    static PartitionBatch of(Position before, List<ConsumerRecord<byte[], byte[]>> records) {
        return new PartitionBatch(before,
                records.stream().map(record -> new Entry(record, Intake.of(record))).toList());
    }

    /**
     * What to store, by the drop rule: an event whose source is not beyond the last one taken is a router's repetition after a
     * takeover.
     */
    Append append() {
        var position = before;
        var rows = new ArrayList<MessageRow>();
        var repetitions = new ArrayList<MessageRow>();
        for (var entry : entries) {
            var last = position.last();
            switch (entry.intake()) {
                case Intake.Message(var source, var row) -> {
                    if (position.repeats(source)) {
                        repetitions.add(row);
                    } else {
                        rows.add(row);
                        last = source;
                    }
                }
                case Intake.Passed(var source) -> last = position.repeats(source) ? last : source;
                case Intake.Unreadable _ -> {
                } // with the dead letters by now
            }
            position = position.advancedTo(entry.record().offset() + 1, last);
        }
        return new Append(before, position, rows, repetitions);
    }

    List<Entry> unreadable() {
        return entries.stream().filter(entry -> entry.intake() instanceof Intake.Unreadable).toList();
    }

    /** Both halves, the first of which comes first. Only for two entries or more. */
    List<PartitionBatch> halves() {
        var middle = entries.size() / 2;
        var first = new PartitionBatch(before, entries.subList(0, middle));
        return List.of(first, new PartitionBatch(first.append().after(), entries.subList(middle, entries.size())));
    }

    /** The same with its only entry unreadable for that reason. */
    PartitionBatch refused(String reason) {
        var only = entries.getFirst();
        return new PartitionBatch(before, List.of(new Entry(only.record(), new Intake.Unreadable(reason))));
    }
}
