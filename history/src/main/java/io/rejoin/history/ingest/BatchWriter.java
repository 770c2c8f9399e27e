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
    private final DeadLetters deadLetters;
    private final List<IngestListener> listeners;
    private final IngestMeters meters;
    private final Map<Integer, Long> ownedAt = new HashMap<>();

    BatchWriter(MessageStore store, DeadLetters deadLetters, List<IngestListener> listeners, IngestMeters meters) {
        this.store = store;
        this.deadLetters = deadLetters;
        this.listeners = List.copyOf(listeners);
        this.meters = meters;
    }

    /**
     * Another instance has moved a position. The position must be read again from the database, and the records from
     * there.
     */
    static final class DisplacedException extends Exception {
        private static final long serialVersionUID = 1L;

        DisplacedException() {
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
    List<Position> write(List<PartitionBatch> batches) throws DisplacedException {
        for (var batch : batches) deadLetters.send(batch.unreadable());
        return store(batches);
    }

    /**
     * Whether a write has proved, within the given time before now, that no other instance has stored into the
     * partition.
     */
    boolean owned(int partition, Duration ago) {
        var at = ownedAt.get(partition);
        return at != null && System.nanoTime() - at <= ago.toNanos();
    }

    private List<Position> store(List<PartitionBatch> batches) throws DisplacedException {
        try {
            return append(batches);
        } catch (StoreException.Refused e) {
            return narrow(batches, e);
        }
    }

    /**
     * Splits the batches to find the record that PostgreSQL refuses. That record goes to the dead letters; all others
     * are stored.
     */
    private List<Position> narrow(List<PartitionBatch> batches, StoreException.Refused cause)
            throws DisplacedException {
        var after = new ArrayList<Position>();
        for (var batch : batches) {
            if (batches.size() > 1) {
                after.addAll(store(List.of(batch)));
            } else if (batch.entries().size() > 1) {
                for (var half : batch.halves()) after.addAll(store(List.of(half)));
                after.removeFirst(); // each half has returned its position: that after the second half is the result
            } else if (!batch.unreadable().isEmpty()) {
                throw cause; // the batch has no message any more that could be the cause
            } else {
                after.addAll(write(List.of(batch.refused("PostgreSQL refuses it: " + cause.getMessage()))));
            }
        }
        return after;
    }

    private List<Position> append(List<PartitionBatch> batches) throws DisplacedException {
        var appends = batches.stream().map(PartitionBatch::append).toList();
        return switch (store.append(appends)) {
            case Append.Outcome.Displaced _ -> throw new DisplacedException();
            case Append.Outcome.Stored(var stored, var revived, var changed, var at) -> {
                if (changed > 0) reportChanged(appends, changed);
                var after = new ArrayList<Position>();
                for (var append : stored) {
                    ownedAt.put(append.partition(), at);
                    after.add(stored(append, revived));
                }
                yield after;
            }
        };
    }

    private void reportChanged(List<Append> appends, int changed) {
        meters.broken(HistoryInvariant.CHANGED_MESSAGE, changed);
        log.atError().addKeyValue("partitions", appends.stream().map(Append::partition).toList())
                .addKeyValue("messages", changed)
                .log("messages came again with the same room, epoch and seq but another content; history keeps the"
                        + " stored ones. Routers decided differently: report this bug");
    }

    private Position stored(Append append, int revived) {
        for (var listener : listeners) listener.stored(append.partition(), append.rows());
        if (revived == 0 || append.repetitions().isEmpty()) return append.after();
        meters.broken(HistoryInvariant.REVIVED_MESSAGE, revived);
        log.atError().addKeyValue("partition", append.partition()).addKeyValue("messages", revived)
                .log("messages that looked like a router's repetition were new, and are stored now: rejoin.commands was"
                        + " recreated or truncated; restart the edges that were running at that time");
        for (var listener : listeners) listener.released(append.partition()); // listeners did not get revived messages
        return append.after().advancedTo(append.after().next(), null);
    }
}
