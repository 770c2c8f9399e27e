package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.time.Duration;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code infra/rejoinctl edges}. */
@Command(name = "edges", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "The edges that have been heard of in the last minute, and what they said of themselves: how they",
        "are, in the words of their /health (`drained` is by `infra/rejoinctl drain`; - of versions that do",
        "not say), their address, how many connections they hold, and the partition of rejoin.deliveries",
        "that they read."})
final class EdgesCommand implements Callable<Integer> {
    private static final Duration LATELY = Duration.ofMinutes(1);

    @Option(names = "--all", description = "Also those that are silent: they have ended, or cannot reach Kafka. Kept for a day")
    private boolean all;

    @Mixin
    private final Form form = new Form();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final KafkaAccess kafka;

    EdgesCommand(KafkaAccess kafka) {
        this.kafka = kafka;
    }

    @Override
    public Integer call() {
        var heartbeats = Heartbeats.read(kafka, spec.commandLine().getErr());
        var rows = new Rows(spec.commandLine().getOut(), form.isJson(), "edge", "incarnation", "status", "address",
                "connections",
                "partition", "silent_s");
        for (var each : heartbeats.edges()) {
            var silent = heartbeats.silence(each);
            if (!all && silent.compareTo(LATELY) > 0) continue;
            var edge = each.heartbeat().edge();
            rows.add(edge.edge(), edge.incarnation(), each.heartbeat().status(), each.heartbeat().address(),
                    each.heartbeat().connections(),
                    edge.partition(), silent.toSeconds());
        }
        rows.end();
        return 0;
    }
}
