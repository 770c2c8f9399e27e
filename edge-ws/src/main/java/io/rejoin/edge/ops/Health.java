package io.rejoin.edge.ops;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.List;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Whether an edge is fit to be sent clients. Answers at once: what it tells was found out in the background. */
public final class Health {
    private final IntSupplier connections;
    private final BooleanSupplier kafka;
    private final String bootstrapServers;
    private final Supplier<@Nullable String> history;
    private volatile boolean draining;

    /**
     * @param kafka   whether Kafka took a heartbeat lately
     * @param history what is wrong with history, if anything
     */
    public Health(IntSupplier connections, BooleanSupplier kafka, String bootstrapServers,
            Supplier<@Nullable String> history) {
        this.connections = connections;
        this.kafka = kafka;
        this.bootstrapServers = bootstrapServers;
        this.history = history;
    }

    /** An answer to {@code GET /health}: {@code ok}, {@code degraded} or {@code draining}, and what is wrong. */
    record Status(String status, int connections,
            @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> problems) {
        Status {
            problems = List.copyOf(problems);
        }

        boolean isOk() {
            return status.equals("ok");
        }
    }

    /** From here on the edge is not fit, for it goes away. */
    public void drain() {
        draining = true;
    }

    Status status() {
        var problems = Stream.of(kafkaProblem(), history.get()).filter(Objects::nonNull).map(Objects::requireNonNull)
                .toList();
        var status = draining ? "draining" : problems.isEmpty() ? "ok" : "degraded";
        return new Status(status, connections.getAsInt(), problems);
    }

    private @Nullable String kafkaProblem() {
        return kafka.getAsBoolean()
                ? null
                : "kafka: no heartbeat was taken for some seconds, so nothing can be joined or posted. Check the brokers at "
                        + bootstrapServers + " (KAFKA_BOOTSTRAP_SERVERS)";
    }
}
