package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.EdgeOrder;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.kafka.KafkaAccess;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.KafkaException;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command {@code infra/rejoinctl drain}: orders an edge to drain or to serve again, and waits until that is done.
 */
@Command(name = "drain", description = {
        "Empties an edge without access to its host. The edge is unready at once, accepts no connections",
        "after EDGE_DRAIN_DELAY, and sends its clients away within EDGE_DRAIN, as after SIGTERM. Clients",
        "resume at another edge and lose nothing. The empty edge continues to run. After --undo or a",
        "restart, it serves again. Waits until no connection is left. Ctrl-C does not undo the drain.",
        "Ends with 0 if the edge is empty, with 1 if the drain is refused or not done in time, with 2 if",
        "no such edge runs."})
final class DrainCommand extends KafkaCommand {
    private static final int KAFKA_MS = 15_000;

    @Parameters(paramLabel = "EDGE", description = "Id of the edge, as `infra/rejoinctl edges` shows it, or the beginning of only this edge's id")
    private String edge = "";

    @Option(names = "--undo", description = "The edge accepts connections again. Clients that are still connected stay")
    private boolean undo;

    @Option(names = "--force", description = "Drains even the last ready edge. Then nobody can connect")
    private boolean forced;

    @Option(names = "--timeout", paramLabel = "PT..", defaultValue = "PT5M", description = "How long to wait. Default: ${DEFAULT-VALUE}")
    private Duration timeout = Duration.ofMinutes(5);

    @Mixin
    private final OutputFormat form = new OutputFormat();

    private String said = "";

    DrainCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() throws InterruptedException {
        if (!timeout.isPositive() || timeout.compareTo(Duration.ofDays(1)) > 0)
            throw wrong("--timeout must be more than 0 and at most P1D, such as PT2M");
        var heartbeats = Heartbeats.read(kafka, err());
        return switch (DrainChoice.of(heartbeats, edge, undo, forced)) {
            case DrainChoice.NoSuchEdge(var message) -> throw wrong(TerminalText.line(message));
            case DrainChoice.Refused(var message) -> throw new OperatorException(message);
            case DrainChoice.Edge(var heartbeat) -> drain(heartbeat);
        };
    }

    private int drain(EdgeHeartbeat before) throws InterruptedException {
        try (var heartbeats = new TopicReader(kafka, kafka.topics().edges())) {
            heartbeats.fromLast(0);
            send(before);
            var begun = System.nanoTime();
            var progress = new DrainProgress(before, undo, begun);
            while (progress.state(System.nanoTime()) != DrainProgress.State.DONE) {
                heartbeats.readNext(record -> heard(record, progress));
                var state = progress.state(System.nanoTime());
                tell(state, progress.latest());
                if (state == DrainProgress.State.SILENT || System.nanoTime() - begun > timeout.toNanos()) break;
            }
            return end(progress.state(System.nanoTime()), progress.latest());
        }
    }

    private void send(EdgeHeartbeat before) throws InterruptedException {
        var id = before.edge().edge();
        var order = new EdgeOrder(id, undo ? EdgeOrder.Action.SERVE : EdgeOrder.Action.DRAIN);
        var settings = Map.of(ProducerConfig.LINGER_MS_CONFIG, 0, ProducerConfig.REQUEST_TIMEOUT_MS_CONFIG, 5_000,
                ProducerConfig.DELIVERY_TIMEOUT_MS_CONFIG, KAFKA_MS, ProducerConfig.MAX_BLOCK_MS_CONFIG, KAFKA_MS);
        try (var producer = kafka.producer(settings)) {
            producer.send(new ProducerRecord<>(kafka.topics().edges(), EdgeOrder.key(id).getBytes(UTF_8),
                    LogCodec.order(order))).get();
        } catch (ExecutionException e) {
            throw e.getCause() instanceof KafkaException refused ? refused : new KafkaException(e.getCause());
        }
    }

    /** Handles a record of {@code rejoin.edges}. Only readable heartbeats of the edge to drain count. */
    private static void heard(ConsumerRecord<byte[], byte[]> record, DrainProgress progress) {
        if (record.value() == null || record.key() == null || EdgeOrder.isKey(new String(record.key(), UTF_8))) return;
        try {
            var heartbeat = LogCodec.heartbeat(record.value());
            if (heartbeat.edge().edge().equals(progress.latest().edge().edge()))
                progress.heard(heartbeat, System.nanoTime());
        } catch (MalformedRecordException _) {
            // routers move it to the dead letters
        }
    }

    /** Prints the progress, each text once in a row. */
    private void tell(DrainProgress.State state, EdgeHeartbeat latest) {
        var text = switch (state) {
            case ASKED, DONE, SILENT -> "";
            case NO_REACTION -> latest.edge().edge() + " does not react yet: " + why();
            case EMPTYING -> latest.connections() + " connections left";
        };
        if (!text.isEmpty() && !text.equals(said)) err().println(text);
        said = text;
    }

    private String why() {
        return "its process is stopped, or does not read " + kafka.topics().edges() + "; see its log";
    }

    private int end(DrainProgress.State state, EdgeHeartbeat latest) {
        var rows = new Rows(out(), form.isJson(), "edge", "status", "connections", "address");
        rows.add(latest.edge().edge(), latest.status(), latest.connections(), latest.address());
        rows.end();
        var id = latest.edge().edge();
        return switch (state) {
            case DONE -> 0;
            case SILENT -> throw new OperatorException("edge " + id + " sends no heartbeats any more: it has ended, or"
                    + " cannot reach Kafka. After a restart, it serves");
            case ASKED, NO_REACTION -> throw new OperatorException("edge " + id + " did not react in " + timeout + ": "
                    + why() + ". It continues as before, but obeys if it reads the order later"
                    + (undo ? "" : "; --undo cancels the order"));
            case EMPTYING -> throw new OperatorException("edge " + id + " is drained, but " + latest.connections()
                    + " connections are left after " + timeout + ": run the command again to wait longer. --timeout"
                    + " must be longer than EDGE_DRAIN");
        };
    }
}
