package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.time.Duration;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The command {@code infra/rejoinctl edges}: lists edges by their heartbeats. */
@Command(name = "edges", description = {
        "Lists the edges that sent a heartbeat in the last minute, with status, address and number of",
        "connections. The status is that of /health. `drained` means: drained by `infra/rejoinctl drain`.",
        "The status - means: the edge's version reports no status."})
final class EdgesCommand extends KafkaCommand {
    private static final Duration LATELY = Duration.ofMinutes(1);

    @Option(names = "--all", description = "Also lists silent edges (ended, or cut off from Kafka) and earlier starts of running edges, for a day")
    private boolean all;

    @Mixin
    private final OutputFormat form = new OutputFormat();

    EdgesCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() {
        var heartbeats = Heartbeats.read(kafka, err());
        var rows = new Rows(out(), form.isJson(), "edge", "incarnation", "status", "address",
                "connections", "silent_s");
        for (var each : all ? heartbeats.edges() : heartbeats.latest()) {
            var silent = heartbeats.silence(each);
            if (!all && silent.compareTo(LATELY) > 0) continue;
            var edge = each.heartbeat().edge();
            rows.add(edge.edge(), edge.incarnation(), each.heartbeat().status(), each.heartbeat().address(),
                    each.heartbeat().connections(), silent.toSeconds());
        }
        rows.end();
        return 0;
    }
}
