package io.rejoin.tools.sizing;

import java.util.ArrayList;
import java.util.List;

/**
 * The number of edges, and what determines it.
 *
 * @param needed  without the spare edge
 * @param total   with the spare edge, so that one may be lost
 * @param work    microseconds of CPU time a second, of all edges together
 * @param heap    bytes of one edge that carries its share while one edge is lost
 * @param network bytes a second to clients, of all edges together
 */
record Edges(Figure needed, Figure total, Figure work, Figure heap, Figure network, List<Row> rows) {
    private static final String PART = "edge";
    /**
     * The share of a container's memory that is heap. The rest is for the JVM's other memory and the kernel's sockets.
     */
    static final double HEAP = 0.7;
    /**
     * The share of an edge's heap for connections. A quarter of the heap is for clients that catch up, and 30% of the
     * rest for garbage.
     */
    private static final double FOR_CONNECTIONS = 0.75 * 0.7;
    private static final double MICROS = 1e6;
    /** The number of ports that Linux assigns to outgoing connections by default: net.ipv4.ip_local_port_range. */
    private static final double PORTS = 28_232;

    Edges {
        rows = List.copyOf(rows);
    }

    /** The number of edges that each resource needs. */
    private record Bounds(Figure memory, Figure kernel, Figure cpu, Figure files, Figure network) {
        Figure most() {
            return memory.max(kernel).max(cpu).max(files).max(network).max(Figure.of(1)).up();
        }

        String decides() {
            var most = most().value();
            if (files.up().value() >= most) return "connections";
            if (cpu.up().value() >= most) return "CPU";
            if (memory.up().value() >= most) return "heap";
            if (kernel.up().value() >= most) return "memory beside the heap";
            return "network";
        }
    }

    static Edges of(Demand demand, Machines machines, Costs costs) {
        var needed = Figure.of(1);
        while (true) { // with more edges a message goes to more of them, which only adds work: so this ends
            var bounds = bounds(demand, machines, costs, needed.value());
            if (bounds.most().value() <= needed.value()) return of(demand, machines, costs, needed.max(bounds.most()));
            needed = bounds.most();
        }
    }

    private static Edges of(Demand demand, Machines machines, Costs costs, Figure needed) {
        var total = needed.plus(Figure.of(1));
        var bounds = bounds(demand, machines, costs, needed.value());
        var work = work(demand, costs, total.value()).plus(costs.busy("edge").times(total));
        var heap = perConnection(demand, costs, needed.value()).times(demand.connections()).over(needed)
                .plus(costs.figure("edge.heap.base"));
        var network = sent(demand, costs);
        var rows = new ArrayList<Row>();
        var each = Figure.of(demand.connections()).over(needed).up();
        rows.add(Row.of(PART, "edges", total, "", spare(bounds.decides(), needed)));
        rows.add(Row.of(PART, "by heap", bounds.memory.up(), "", Amount.text(perConnection(demand, costs,
                needed.value()).value(), "bytes") + " a connection, in 37% of " + Amount.text(machines.edgeMemory(),
                        "bytes")
                + "; the rest is for replay, garbage, JVM and sockets"));
        rows.add(Row.of(PART, "by CPU", bounds.cpu.up(), "", share(machines.cpuFree()) + " of "
                + Amount.text(machines.edgeCores(), "cores") + " stay free"));
        rows.add(Row.of(PART, "by connections", bounds.files.up(), "",
                machines.edgeConnections() <= machines.openFiles()
                        ? "EDGE_MAX_CONNECTIONS=" + Amount.plain(machines.edgeConnections())
                        : "open files, " + Amount.plain(machines.openFiles())));
        rows.add(Row.of(PART, "by network", bounds.network.up(), "", share(machines.networkFree()) + " of "
                + Amount.text(machines.network(), "bytes/s") + " stay free"));
        rows.add(Row.of(PART, "connections each", each, "", "while one edge is lost; "
                + Amount.text(Math.ceil(demand.connections() / total.value()), "") + " while all run"));
        rows.add(Row.of(PART, "CPU in use each", work.over(total).over(MICROS), "cores", topWork(demand, costs,
                total.value())));
        rows.add(Row.of(PART, "heap in use each", heap, "bytes", "while one edge is lost"));
        rows.add(Row.of(PART, "sent to clients", network, "bytes/s", Amount.text(Math.ceil(demand.frames()), "")
                + " messages and " + Amount.text(Math.ceil(demand.presence()), "") + " notices of presence a second"));
        rows.add(Row.of(PART, "balancer addresses", each.over(PORTS).up(), "",
                "for each edge: one address has 28 232 ports for connections to one edge"));
        return new Edges(needed, total, work, heap, network, rows);
    }

    private static Bounds bounds(Demand demand, Machines machines, Costs costs, double edges) {
        var heap = Figure.of(machines.edgeMemory() * HEAP * FOR_CONNECTIONS).minus(costs.figure("edge.heap.base"));
        var beside = Figure.of(machines.edgeMemory() * (1 - HEAP)).minus(costs.figure("jvm.beside.heap"));
        var cpu = Figure.of(machines.edgeCores() * MICROS * (1 - machines.cpuFree()))
                .minus(costs.busy("edge"));
        var connections = Figure.of(demand.connections());
        return new Bounds(perConnection(demand, costs, edges).times(connections).over(positive(heap, "--edge-memory")),
                costs.figure("edge.kernel.connection").times(connections).over(positive(beside, "--edge-memory")),
                work(demand, costs, edges).over(positive(cpu, "--edge-cores or --cpu-free")),
                connections.over(Math.min(machines.edgeConnections(), machines.openFiles())),
                sent(demand, costs).over(machines.network() * (1 - machines.networkFree())));
    }

    /** Explains the number of processes, with the spare one. */
    static String spare(String decides, Figure needed) {
        return needed.value() <= 1
                ? "one carries all; one more is a spare"
                : decides + ": " + Amount.text(needed.value(), "")
                        + " carry all; one more is a spare";
    }

    static Figure positive(Figure figure, String option) {
        if (figure.value() > 0) return figure;
        throw new IllegalArgumentException(option + " leaves nothing for work: a process without work needs more");
    }

    /** Heap of a connection, with its share of the rooms on its edge. */
    private static Figure perConnection(Demand demand, Costs costs, double edges) {
        var heap = costs.figure("edge.heap.connection")
                .plus(costs.figure("edge.heap.personal").times(Math.max(0, demand.roomsPerConnection() - 1)));
        if (demand.personal()) heap = heap.plus(costs.figure("edge.heap.personal"));
        if (demand.tls()) heap = heap.plus(costs.figure("edge.heap.tls"));
        var rooms = demand.rooms() * spread(demand.members(), edges) / demand.connections();
        return heap.plus(costs.figure("edge.heap.room").times(rooms));
    }

    /** Microseconds of CPU time a second, without the constant overhead of an edge. */
    private static Figure work(Demand demand, Costs costs, double edges) {
        return idle(demand, costs).plus(posts(demand, costs, edges)).plus(frames(demand, costs))
                .plus(comings(demand, costs)).plus(presence(demand, costs, edges));
    }

    private static Figure idle(Demand demand, Costs costs) {
        return costs.figure("edge.cpu.connection").times(demand.connections());
    }

    private static Figure posts(Demand demand, Costs costs, double edges) {
        return costs.figure("edge.cpu.post").times(demand.posts()).plus(costs.figure("edge.cpu.delivery")
                .times(demand.posts() * Math.max(0, spread(demand.fanOut(), edges) - 1)));
    }

    private static Figure frames(Demand demand, Costs costs) {
        var further = Math.max(0, demand.bytes() - 64);
        return costs.figure("edge.cpu.frame").times(demand.frames())
                .plus(costs.figure("edge.cpu.byte").times(further * (demand.frames() + demand.posts())));
    }

    private static Figure comings(Demand demand, Costs costs) {
        return costs.figure("edge.cpu.join").plus(costs.figure("edge.cpu.leave"))
                .times(demand.opened() * demand.joinsPerOpening());
    }

    private static Figure presence(Demand demand, Costs costs, double edges) {
        return costs.figure("edge.cpu.frame").times(demand.presence())
                .plus(costs.figure("edge.cpu.delivery").times(Routers.presence(demand, edges)));
    }

    private static String topWork(Demand demand, Costs costs, double edges) {
        var best = "idle connections";
        var most = idle(demand, costs).value();
        var others = List.of(posts(demand, costs, edges), frames(demand, costs), comings(demand, costs),
                presence(demand, costs, edges));
        var names = List.of("posts", "messages to clients", "connects and disconnects", "notices of presence");
        for (var i = 0; i < others.size(); i++) {
            if (others.get(i).value() <= most) continue;
            most = others.get(i).value();
            best = names.get(i);
        }
        return "most of it for " + best + "; while all edges run";
    }

    private static Figure sent(Demand demand, Costs costs) {
        var packet = costs.figure("edge.bytes.packet");
        return costs.figure("edge.bytes.frame").plus(packet).plus(Figure.of(demand.bytes())).times(demand.frames())
                .plus(costs.figure("edge.bytes.presence").plus(packet).times(demand.presence()));
    }

    /** The expected number of edges that have a member of a room, when its members are distributed at random. */
    static double spread(double members, double edges) {
        return edges <= 1 ? 1 : edges * (1 - Math.pow(1 - 1 / edges, members));
    }

    static String share(double of) {
        return Math.round(of * 100) + "%";
    }
}
