package io.rejoin.history.ingest;

import io.rejoin.history.store.Append;
import io.rejoin.history.store.IngestListener;
import io.rejoin.history.store.MessageStore;
import io.rejoin.history.store.Position;
import io.rejoin.history.store.StoreException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stores batches of records. Records that cannot be stored go to the dead letters first: so the position never passes a
 * record that is stored nowhere. Only the ingest's thread uses it.
 */
final class BatchWriter {
    private static final Logger log = LoggerFactory.getLogger(BatchWriter.class);

    private final MessageStore store;
    private final EventDeadLetterWriter deadLetterWriter;
    private final List<IngestListener> listeners;
    private final IngestMeters meters;
    private final Map<Integer, Long> ownedAt = new HashMap<>();

    BatchWriter(MessageStore store, EventDeadLetterWriter deadLetterWriter, List<IngestListener> listeners,
            IngestMeters meters) {
        this.store = store;
        this.deadLetterWriter = deadLetterWriter;
        this.listeners = List.copyOf(listeners);
        this.meters = meters;
    }

    /**
     * Another instance has moved a position. The position must be read again from the database, and the records from
     * there.
     */
    static final class PositionMovedException extends Exception {
        private static final long serialVersionUID = 1L;

        PositionMovedException() {
            super("another instance has moved the position of a partition of this instance");
        }
    }

    /**
     * Stores batches, each of a different partition.
     *
     * @return the positions after the batches
     * @throws StoreException.Unavailable or Kafka's {@code RetriableException}, if some or all records may be missing:
     *                                    the positions in the database tell which
     * @throws StoreException.Refused     if PostgreSQL refuses even to move a position over a single record of which no
     *                                    message is stored
     */
    List<Position> write(List<PartitionBatch> batches) throws PositionMovedException {
        for (var batch : batches) deadLetterWriter.send(batch.unreadable());
        return storeBatches(batches);
    }

    /**
     * Whether a write has proved, within this period before now, that no other instance has stored into the
     * partition.
     */
    boolean wasOwnedWithin(int partition, Duration period) {
        var at = ownedAt.get(partition);
        return at != null && System.nanoTime() - at <= period.toNanos();
    }

    private List<Position> storeBatches(List<PartitionBatch> batches) throws PositionMovedException {
        try {
            return append(batches);
        } catch (StoreException.Refused e) {
            return isolateRefusedRecord(batches, e);
        }
    }

    /**
     * Splits the batches to find the record that PostgreSQL refuses. That record goes to the dead letters; all others
     * are stored.
     */
    private List<Position> isolateRefusedRecord(List<PartitionBatch> batches, StoreException.Refused cause)
            throws PositionMovedException {
        var positions = new ArrayList<Position>();
        for (var batch : batches) {
            if (batches.size() > 1) {
                positions.addAll(storeBatches(List.of(batch)));
            } else if (batch.entries().size() > 1) {
                for (var half : batch.halves()) positions.addAll(storeBatches(List.of(half)));
                positions.removeFirst(); // each half has returned its position: the second half's is the result
            } else if (!batch.unreadable().isEmpty()) {
                throw cause; // the batch has no message any more that could be the cause
            } else {
                positions.addAll(write(List.of(batch.asUnreadable("PostgreSQL refuses it: " + cause.getMessage()))));
            }
        }
        return positions;
    }

    private List<Position> append(List<PartitionBatch> batches) throws PositionMovedException {
        var appends = batches.stream().map(PartitionBatch::append).toList();
        return switch (store.append(appends)) {
            case Append.Outcome.PositionMoved _ -> throw new PositionMovedException();
            case Append.Outcome.Stored(var stored, var revived, var changed, var at) -> {
                if (changed > 0) reportChanged(appends, changed);
                var positions = new ArrayList<Position>();
                for (var append : stored) {
                    ownedAt.put(append.partition(), at);
                    positions.add(completeAppend(append, revived));
                }
                yield positions;
            }
        };
    }

    private void reportChanged(List<Append> appends, int changed) {
        meters.countViolations(HistoryInvariant.CHANGED_MESSAGE, changed);
        log.atError().addKeyValue("partitions", appends.stream().map(Append::partition).toList())
                .addKeyValue("messages", changed)
                .log("messages came again with the same room, epoch and seq but another content; history keeps the"
                        + " stored ones. Routers decided differently: report this bug");
    }

    private Position completeAppend(Append append, int revived) {
        for (var listener : listeners) listener.onStored(append.partition(), append.rows());
        if (revived == 0 || append.repetitions().isEmpty()) return append.after();
        meters.countViolations(HistoryInvariant.REVIVED_MESSAGE, revived);
        log.atError().addKeyValue("partition", append.partition()).addKeyValue("messages", revived)
                .log("messages that looked like a router's repetition were new, and are stored now: rejoin.commands was"
                        + " recreated or truncated; restart the edges that were running at that time");
        // The listeners did not get the revived messages
        for (var listener : listeners) listener.onReleased(append.partition());
        return append.after().advancedTo(append.after().nextOffset(), null);
    }
}
