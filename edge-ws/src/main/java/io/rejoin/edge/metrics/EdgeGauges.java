package io.rejoin.edge.metrics;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.BooleanSupplier;
import java.util.function.IntSupplier;

/** What an edge has at the moment that it is asked. */
public final class EdgeGauges {
    private final MeterRegistry registry;

    public EdgeGauges(MeterRegistry registry) {
        this.registry = registry;
    }

    /**
     * Shows how many clients there are.
     *
     * @param most      connections that it takes
     * @param departing connections that broke and are still shown in their rooms
     */
    public void showClients(IntSupplier connections, int most, IntSupplier departing, IntSupplier rooms) {
        gauge("rejoin.edge.connections", "connections", "Open WebSockets", connections);
        gauge("rejoin.edge.most.connections", "connections", "WebSockets that it takes at most", () -> most);
        gauge("rejoin.edge.departing.connections", "connections",
                "Connections that broke and are still shown in their rooms", departing);
        gauge("rejoin.edge.rooms", "rooms", "Rooms with a member here", rooms);
    }

    /**
     * Shows what is still to be appended.
     *
     * @param owed   comings and goings that the routers are still to learn of
     * @param queued commands that wait to be given to Kafka
     */
    public void showCommands(IntSupplier owed, IntSupplier queued) {
        gauge("rejoin.edge.owed.commands", "commands", "Comings and goings that are not durable yet", owed);
        gauge("rejoin.edge.queued.commands", "commands", "Commands that wait to be given to Kafka", queued);
    }

    /**
     * Shows how it is linked to routers.
     *
     * @param linked    routers with a stream to it
     * @param uncovered shards whose deliveries no stream brings
     */
    public void showLinks(IntSupplier linked, IntSupplier uncovered) {
        gauge("rejoin.edge.routers", "routers", "Routers with a stream to this edge", linked);
        gauge("rejoin.edge.uncovered.shards", "shards",
                "Shards whose deliveries no stream brings: their rooms are silent",
                uncovered);
    }

    /** Shows whether an operator has it drained. */
    public void showDrained(BooleanSupplier drained) {
        Gauge.builder("rejoin.edge.drained", () -> drained.getAsBoolean() ? 1 : 0)
                .description("1 while an operator has it drained").register(registry);
    }

    private void gauge(String name, String unit, String what, IntSupplier value) {
        Gauge.builder(name, value::getAsInt).baseUnit(unit).description(what).register(registry);
    }
}
