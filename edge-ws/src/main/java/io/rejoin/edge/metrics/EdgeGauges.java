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
     * @param maxConnections    the maximum number of connections
     * @param brokenConnections connections that broke and whose users are still present in their rooms
     */
    public void showClients(IntSupplier connections, int maxConnections, IntSupplier brokenConnections,
            IntSupplier rooms) {
        gauge("rejoin.edge.connections", "connections", "Open WebSockets", connections);
        gauge("rejoin.edge.most.connections", "connections", "Maximum number of WebSockets", () -> maxConnections);
        gauge("rejoin.edge.departing.connections", "connections",
                "Broken connections whose users are still shown in rooms", brokenConnections);
        gauge("rejoin.edge.rooms", "rooms", "Rooms with a member on this edge", rooms);
    }

    /**
     * Adds the gauges for commands that are not durable yet.
     *
     * @param pendingCommands joins and leaves that are not durable yet
     * @param queuedCommands  commands that wait for Kafka's producer
     */
    public void showCommands(IntSupplier pendingCommands, IntSupplier queuedCommands) {
        gauge("rejoin.edge.owed.commands", "commands", "Joins and leaves that are not durable yet", pendingCommands);
        gauge("rejoin.edge.queued.commands", "commands", "Commands that wait for Kafka's producer", queuedCommands);
    }

    /**
     * Adds the gauges for the streams from routers.
     *
     * @param connectedRouters routers with a stream to this edge
     * @param uncoveredShards  shards without a stream
     */
    public void showLinks(IntSupplier connectedRouters, IntSupplier uncoveredShards) {
        gauge("rejoin.edge.routers", "routers", "Routers with a stream to this edge", connectedRouters);
        gauge("rejoin.edge.uncovered.shards", "shards",
                "Shards without a stream from a router: their rooms receive nothing here",
                uncoveredShards);
    }

    /** Adds the gauge for a drain by an operator. */
    public void showDrained(BooleanSupplier drained) {
        Gauge.builder("rejoin.edge.drained", () -> drained.getAsBoolean() ? 1 : 0)
                .description("1 while the edge is drained by an operator, else 0").register(registry);
    }

    private void gauge(String name, String unit, String what, IntSupplier value) {
        Gauge.builder(name, value::getAsInt).baseUnit(unit).description(what).register(registry);
    }
}
