package io.rejoin.history.ingest;

import io.rejoin.history.store.Position;
import io.rejoin.history.store.PositionStore;
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

    private final PositionStore positionStore;
    private final EventsTopic topic;
    private final IngestMeters meters;

    PositionResolver(PositionStore positionStore, EventsTopic topic, IngestMeters meters) {
        this.positionStore = positionStore;
        this.topic = topic;
        this.meters = meters;
    }

    /**
     * The positions of the given partitions, as they are in the database now. A partition is missing if another
     * instance moved its position meanwhile, or if Kafka does not know it: the caller asks again.
     *
     * @param consumer asked for the first and last offsets of the log only
     */
    List<Position> resolve(Consumer<?, ?> consumer, Collection<Integer> partitions) {
        var topicPartitions = partitions.stream().map(partition -> new TopicPartition(topic.name(), partition))
                .toList();
        var id = topic.id();
        var stored = positionStore.read(partitions); // before the end offsets: new progress is not a truncated log
        var beginOffsets = consumer.beginningOffsets(topicPartitions);
        var endOffsets = consumer.endOffsets(topicPartitions);
        var resolved = new ArrayList<Position>();
        for (var partition : topicPartitions) {
            var beginOffset = beginOffsets.get(partition);
            var endOffset = endOffsets.get(partition);
            if (beginOffset == null || endOffset == null) continue; // Kafka does not know the partition, or no longer
            var partitionLog = new StartPosition.Log(id, partition.partition(), beginOffset, endOffset);
            moveIfNeeded(StartPosition.of(stored.get(partition.partition()), partitionLog)).ifPresent(resolved::add);
        }
        return resolved;
    }

    private Optional<Position> moveIfNeeded(StartPosition startPosition) {
        return switch (startPosition) {
            case StartPosition.Resume(var at) -> Optional.of(at);
            case StartPosition.Begin(var at) -> {
                var moved = move(null, at);
                if (moved.isPresent() && at.nextOffset() > 0) {
                    log.atWarn().addKeyValue("topic", topic.name()).addKeyValue("partition", at.partition())
                            .addKeyValue("records", at.nextOffset())
                            .log("history misses the oldest records of a partition: Kafka deleted them before the"
                                    + " first read");
                }
                yield moved;
            }
            case StartPosition.Skip(var from, var to) -> {
                var moved = move(from, to);
                if (moved.isPresent()) {
                    meters.countViolations(HistoryInvariant.LOST_EVENTS, 1);
                    log.atError().addKeyValue("topic", topic.name()).addKeyValue("partition", to.partition())
                            .addKeyValue("from", from.nextOffset())
                            .addKeyValue("to", to.nextOffset())
                            .addKeyValue("records", to.nextOffset() - from.nextOffset())
                            .log("events are missing in history: the topic's retention deleted them"
                                    + " before history read them; history skips them. Increase retention.ms");
                }
                yield moved;
            }
            case StartPosition.Restart(var from, var to) -> {
                var moved = move(from, to);
                if (moved.isPresent()) {
                    meters.countViolations(HistoryInvariant.CHANGED_LOG, 1);
                    log.atError().addKeyValue("topic", topic.name()).addKeyValue("partition", to.partition())
                            .addKeyValue("position", from.nextOffset())
                            .addKeyValue("topic_id", to.topicId()).addKeyValue("topic_id_before", from.topicId())
                            .log("the topic was recreated, or a broker lost its last records; history reads the topic"
                                    + " from the start and keeps the stored messages");
                }
                yield moved;
            }
        };
    }

    private Optional<Position> move(@Nullable Position from, Position to) {
        return positionStore.move(from, to) ? Optional.of(to) : Optional.empty();
    }
}
