package io.rejoin.history.ingest;

import io.rejoin.history.store.Position;
import io.rejoin.history.store.Positions;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import org.apache.kafka.clients.consumer.Consumer;
import org.apache.kafka.common.TopicPartition;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Finds the positions from which to read partitions, and stores changed ones in the database. */
final class PositionResolver {
    private static final Logger log = LoggerFactory.getLogger(PositionResolver.class);

    private final Positions positions;
    private final EventsTopic topic;
    private final IngestMeters meters;

    PositionResolver(Positions positions, EventsTopic topic, IngestMeters meters) {
        this.positions = positions;
        this.topic = topic;
        this.meters = meters;
    }

    /**
     * The positions of the given partitions, as they are in the database now. A partition is missing if another
     * instance moved its position meanwhile, or if Kafka does not know it: the caller asks again.
     *
     * @param consumer asked for the first and last offsets of the log only
     */
    List<Position> place(Consumer<?, ?> consumer, Collection<Integer> partitions) {
        var asked = partitions.stream().map(partition -> new TopicPartition(topic.name(), partition)).toList();
        var id = topic.id();
        var stored = positions.read(partitions); // before the end offsets: new progress is not a truncated log
        var begins = consumer.beginningOffsets(asked);
        var ends = consumer.endOffsets(asked);
        var placed = new ArrayList<Position>();
        for (var partition : asked) {
            var begin = begins.get(partition);
            var end = ends.get(partition);
            if (begin == null || end == null) continue; // Kafka does not know the partition, or no longer
            var found = new StartPosition.Log(id, partition.partition(), begin, end);
            settle(StartPosition.of(stored.get(partition.partition()), found)).ifPresent(placed::add);
        }
        return placed;
    }

    private Optional<Position> settle(StartPosition startPosition) {
        return switch (startPosition) {
            case StartPosition.Resume(var at) -> Optional.of(at);
            case StartPosition.Begin(var at) -> {
                var moved = move(null, at);
                if (moved.isPresent() && at.next() > 0) {
                    log.atWarn().addKeyValue("topic", topic.name()).addKeyValue("partition", at.partition())
                            .addKeyValue("records", at.next())
                            .log("history misses the oldest records of a partition: Kafka deleted them before the"
                                    + " first read");
                }
                yield moved;
            }
            case StartPosition.Skip(var from, var to) -> {
                var moved = move(from, to);
                if (moved.isPresent()) {
                    meters.broken(HistoryInvariant.LOST_EVENTS, 1);
                    log.atError().addKeyValue("topic", topic.name()).addKeyValue("partition", to.partition())
                            .addKeyValue("from", from.next())
                            .addKeyValue("to", to.next()).addKeyValue("records", to.next() - from.next())
                            .log("events are missing in history: the topic's retention deleted them"
                                    + " before history read them; history skips them. Increase retention.ms");
                }
                yield moved;
            }
            case StartPosition.Restart(var from, var to) -> {
                var moved = move(from, to);
                if (moved.isPresent()) {
                    meters.broken(HistoryInvariant.CHANGED_LOG, 1);
                    log.atError().addKeyValue("topic", topic.name()).addKeyValue("partition", to.partition())
                            .addKeyValue("position", from.next())
                            .addKeyValue("topic_id", to.topicId()).addKeyValue("topic_id_before", from.topicId())
                            .log("the topic was recreated, or a broker lost its last records; history reads the topic"
                                    + " from the start and keeps the stored messages");
                }
                yield moved;
            }
        };
    }

    private Optional<Position> move(@Nullable Position from, Position to) {
        return positions.move(from, to) ? Optional.of(to) : Optional.empty();
    }
}
