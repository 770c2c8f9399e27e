package io.rejoin.e2e.sizing;

import io.rejoin.contracts.TopicNames;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.common.TopicPartition;

/** Asks the broker for the size of topics and the lag of their readers. */
final class Log implements AutoCloseable {
    private static final Map<String, String> READERS = Map.of("rejoin-router", TopicNames.PLAIN.commands(),
            "rejoin-history", TopicNames.PLAIN.events());

    private final Admin admin;

    Log(String bootstrapServers) {
        admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers));
    }

    /** Bytes on disk by topic, summed over all partitions of the one broker. */
    Map<String, Long> bytes() throws InterruptedException {
        var bytes = new HashMap<String, Long>();
        try {
            var brokers = admin.describeCluster().nodes().get().stream().map(node -> node.id()).toList();
            for (var folders : admin.describeLogDirs(brokers).allDescriptions().get().values())
                for (var folder : folders.values())
                    folder.replicaInfos().forEach((partition, replica) -> bytes.merge(partition.topic(),
                            replica.size(), Long::sum));
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot read the sizes of the topics", e);
        }
        return bytes;
    }

    /** Whether routers and history have read everything. */
    boolean isRead() throws InterruptedException {
        try {
            for (var reader : READERS.entrySet()) if (lag(reader.getKey(), reader.getValue()) > 0) return false;
            return true;
        } catch (ExecutionException e) {
            throw new IllegalStateException("cannot read the lags of routers and history", e);
        }
    }

    private long lag(String group, String topic) throws ExecutionException, InterruptedException {
        var committed = admin.listConsumerGroupOffsets(group).partitionsToOffsetAndMetadata().get();
        var description = admin.describeTopics(List.of(topic)).allTopicNames().get().get(topic);
        if (description == null) throw new IllegalStateException("no topic " + topic);
        var asked = description.partitions().stream().map(each -> new TopicPartition(topic, each.partition()))
                .collect(Collectors.toMap(each -> each, _ -> OffsetSpec.latest()));
        var lag = 0L;
        for (var end : admin.listOffsets(asked).all().get().entrySet()) {
            var offset = committed.get(end.getKey());
            lag += end.getValue().offset() - (offset == null ? 0 : offset.offset());
        }
        return lag;
    }

    @Override
    public void close() {
        admin.close();
    }
}
