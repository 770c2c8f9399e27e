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
     * Shows what these give when they are asked.
     *
     * @param owed comings and goings that the routers are still to learn of
     */
    public void show(IntSupplier connections, IntSupplier owed, IntSupplier departing, BooleanSupplier ready) {
        gauge("rejoin.edge.connections", "connections", "Open WebSockets", connections);
        gauge("rejoin.edge.owed.commands", "commands", "Comings and goings that are not durable yet", owed);
        gauge("rejoin.edge.departing.connections", "connections",
                "Connections that broke and are still shown in their rooms", departing);
        Gauge.builder("rejoin.edge.ready", () -> ready.getAsBoolean() ? 1 : 0)
                .description("1 while /health/ready is 200")
                .register(registry);
    }

    private void gauge(String name, String unit, String what, IntSupplier value) {
        Gauge.builder(name, value::getAsInt).baseUnit(unit).description(what).register(registry);
    }
}
