package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code infra/rejoinctl lag}: shows how far routers and history are behind. */
@Command(name = "lag", description = {
        "Shows how many records routers and history still have to read, as of their last checkpoint, about",
        "two seconds ago."})
final class LagCommand extends KafkaCommand {
    @Option(names = "--partitions", description = "Prints a line for each partition")
    private boolean partitions;

    @Option(names = "--max", paramLabel = "N", description = "Ends with 1 if the lag of a partition is more than N, or nobody reads it")
    private @Nullable Long max;

    @Mixin
    private final OutputFormat form = new OutputFormat();

    LagCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() {
        if (max != null && max < 0) throw wrong("--max must be at least 0");
        var isWell = true;
        try (var cluster = new ClusterView(kafka)) {
            var groups = cluster.groups();
            var out = out();
            var rows = partitions
                    ? new Rows(out, form.isJson(), "group", "partition", "position", "end", "lag")
                    : new Rows(out, form.isJson(), "group", "topic", "members", "partitions", "lag", "most");
            for (var group : groups) {
                if (partitions)
                    group.partitions().forEach(each -> rows.add(group.name(), each.partition(), each.position(),
                            each.end(), each.lag()));
                else
                    rows.add(group.name(), group.topic(), group.members(), group.partitions().size(), group.lag(),
                            group.most());
                isWell &= max == null || (group.members() > 0 && group.isWithin(max));
            }
            rows.end();
        }
        return isWell ? 0 : 1;
    }
}
