package io.rejoin.edge.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** The gauges of an edge, read when the metrics are read. */
public final class EdgeGauges {
    private final MeterRegistry registry;

    public EdgeGauges(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * Adds the gauges for clients and rooms.
     *
     * @param most      the maximum number of connections
     * @param departing connections that broke and whose users are still present in their rooms
     */
    public void showClients(IntSupplier connections, int most, IntSupplier departing, IntSupplier rooms) {
        gauge("rejoin.edge.connections", "connections", "Open WebSockets", connections);
        gauge("rejoin.edge.most.connections", "connections", "WebSockets that it takes at most", () -> most);
        gauge("rejoin.edge.departing.connections", "connections",
                "Connections that broke and are still shown in their rooms", departing);
        gauge("rejoin.edge.rooms", "rooms", "Rooms with a member here", rooms);
    }

    /**
     * Adds the gauges for commands that are not durable yet.
     *
     * @param owed   joins and leaves that are not durable yet
     * @param queued commands that wait for Kafka's producer
     */
    public void showCommands(IntSupplier owed, IntSupplier queued) {
        gauge("rejoin.edge.owed.commands", "commands", "Comings and goings that are not durable yet", owed);
        gauge("rejoin.edge.queued.commands", "commands", "Commands that wait to be given to Kafka", queued);
    }

    /**
     * Adds the gauges for the streams from routers.
     *
     * @param linked    routers with a stream to this edge
     * @param uncovered shards without a stream
     */
    public void showLinks(IntSupplier linked, IntSupplier uncovered) {
        gauge("rejoin.edge.routers", "routers", "Routers with a stream to this edge", linked);
        gauge("rejoin.edge.uncovered.shards", "shards",
                "Shards whose deliveries no stream brings: their rooms are silent",
                uncovered);
    }

    /** Adds the gauge for a drain by an operator. */
    public void showDrained(BooleanSupplier drained) {
        Gauge.builder("rejoin.edge.drained", () -> drained.getAsBoolean() ? 1 : 0)
                .description("1 while an operator has it drained").register(registry);
    }

    private void gauge(String name, String unit, String what, IntSupplier value) {
        Gauge.builder(name, value::getAsInt).baseUnit(unit).description(what).register(registry);
    }
}
