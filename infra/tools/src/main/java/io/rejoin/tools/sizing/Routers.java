package io.rejoin.tools.sizing;

import java.util.ArrayList;
import java.util.List;

/**
 * The number of routers and partitions, and what determines it.
 *
 * @param needed     without the spare router
 * @param total      with the spare router, so that one may be lost
 * @param partitions of commands, events and state
 * @param link       bytes a second that all routers together send to edges
 * @param work       microseconds of CPU time a second, of all routers together
 * @param remembered posts in the duplicate windows of all shards together
 * @param roomMost   posts a second that one room can carry, because its shard has one thread
 */
record Routers(Figure needed, Figure total, double partitions, Figure link, Figure work, double remembered,
        Figure roomMost, List<Row> rows) {
    /** The most posts that a shard remembers: {@code DuplicateWindow}. */
    static final double WINDOW = 250_000;
    private static final String PART = "router";
    private static final double DAY = 86_400;
    private static final double MICROS = 1e6;
    private static final double FEWEST = 12;
    /** The most members whose names the answer to a join lists: {@code Delivery.MAX_LISTED}. */
    private static final double MOST_LISTED = 200;
    /**
     * The share of a router's heap for state. Above 70% a router takes over no shards again, and an eighth is for
     * records in flight.
     */
    private static final double FOR_STATE = 0.7 - 0.125;
    /** The share of a core that one shard may use on average. Its single thread can use at most one core. */
    private static final double SHARD = 0.5;

    Routers {
        rows = List.copyOf(rows);
    }

    static Routers of(Demand demand, Machines machines, Costs costs, Edges edges) {
        var work = work(demand, costs, edges.total().value());
        var cpu = Edges.positive(Figure.of(machines.routerCores() * MICROS * (1 - machines.cpuFree()))
                .minus(costs.busy("router")), "--router-cores or --cpu-free");
        var room = Edges.positive(Figure.of(machines.routerMemory() * Edges.HEAP * FOR_STATE)
                .minus(costs.figure("router.heap.base")), "--router-memory");
        for (var partitions = FEWEST;; partitions *= 2) { // more partitions remember more posts, which takes memory
            var heap = heap(demand, costs, partitions);
            var byCpu = work.over(cpu);
            var byHeap = heap.over(room);
            var needed = byCpu.max(byHeap).max(Figure.of(1)).up();
            if (partitions < 3 * (needed.value() + 1) || work.value() / partitions > SHARD * MICROS) continue;
            return of(demand, machines, costs, edges, work, heap, byCpu.up(), byHeap.up(), needed, partitions);
        }
    }

    private static Routers of(Demand demand, Machines machines, Costs costs, Edges edges, Figure work, Figure heap,
            Figure byCpu, Figure byHeap, Figure needed, double partitions) {
        var total = needed.plus(Figure.of(1));
        var link = link(demand, costs, edges.total().value());
        var remembered = remembered(demand, partitions);
        var reach = Edges.spread(demand.largest(), edges.total().value());
        var roomMost = Figure.of(SHARD * MICROS).over(post(demand, costs, reach));
        var rows = new ArrayList<Row>();
        rows.add(Row.of(PART, "routers", total, "",
                Edges.spare(byCpu.value() >= needed.value() ? "CPU" : "heap", needed)));
        rows.add(Row.of(PART, "by CPU", byCpu, "", Edges.share(machines.cpuFree()) + " of "
                + Amount.text(machines.routerCores(), "cores") + " stay free"));
        rows.add(Row.of(PART, "by heap", byHeap, "", "40% of " + Amount.text(machines.routerMemory(), "bytes")
                + " for state; above this limit, a router gives shards away"));
        rows.add(Row.of(PART, "CPU in use each", work.over(total).plus(costs.busy("router")).over(MICROS), "cores",
                Amount.text(Math.ceil(demand.posts()), "") + " posts a second, each to "
                        + Amount.text(Edges.spread(demand.fanOut(), edges.total().value()), "edges")));
        rows.add(Row.of(PART, "heap in use each", heap.over(needed).plus(costs.figure("router.heap.base")), "bytes",
                "while one router is lost; all shards remember " + Amount.text(remembered, "") + " posts together"));
        rows.add(new Row(PART, "ROUTER_PARTITIONS", partitions, "",
                "cannot be changed later; at least 3 for each router, at most half a core for each shard", List.of()));
        rows.add(Row.of(PART, "sent to edges", link, "bytes/s", "by all routers: "
                + Amount.text(Math.ceil(deliveries(demand, edges.total().value())), "")
                + " deliveries a second at most, not through Kafka"));
        rows.add(Row.of(PART, "posts in one room, at most", roomMost, "/s",
                "a room is in one shard, here with half a core; the largest room is on "
                        + Amount.text(reach, "edges")));
        return new Routers(needed, total, partitions, link,
                work.plus(costs.busy("router").times(total)), remembered, roomMost, rows);
    }

    /** Microseconds of CPU time for a post that goes to that many edges. */
    private static Figure post(Demand demand, Costs costs, double edges) {
        return costs.figure("router.cpu.post").plus(costs.figure("router.cpu.delivery").times(edges - 1))
                .plus(costs.figure("router.cpu.byte").times(Math.max(0, demand.bytes() - 64)));
    }

    private static Figure work(Demand demand, Costs costs, double edges) {
        return post(demand, costs, Edges.spread(demand.fanOut(), edges)).times(demand.posts())
                .plus(costs.figure("router.cpu.join").plus(costs.figure("router.cpu.leave"))
                        .times(demand.opened() * demand.joinsPerOpening()))
                .plus(costs.figure("router.cpu.delivery").times(presence(demand, edges)));
    }

    /** Presence deliveries that routers send to edges a second. */
    static double presence(Demand demand, double edges) {
        return 2 * demand.opened() * demand.roomsPerConnection() * Edges.spread(demand.members(), edges);
    }

    /**
     * Deliveries a second: each message to its room's edges, its ack, the answers to joins and leaves, and presence.
     */
    private static double deliveries(Demand demand, double edges) {
        return demand.posts() * (1 + Edges.spread(demand.fanOut(), edges))
                + 2 * demand.opened() * demand.joinsPerOpening() + presence(demand, edges);
    }

    /** Bytes of these deliveries a second. The costs come from the time when deliveries were records in a topic. */
    private static Figure link(Demand demand, Costs costs, double edges) {
        var others = demand.posts() * Math.max(0, Edges.spread(demand.fanOut(), edges) - 1);
        var message = costs.figure("link.post").plus(costs.figure("link.byte").times(demand.bytes()));
        var further = costs.figure("link.byte").times(Math.max(0, demand.bytes() - 64));
        var listed = costs.figure("link.listed").times(Math.min(MOST_LISTED, demand.members()));
        return message.times(demand.posts())
                .plus(costs.figure("link.edge").plus(further).times(others))
                .plus(costs.figure("link.join").plus(listed).times(demand.opened() * demand.joinsPerOpening()))
                .plus(costs.figure("link.presence").times(presence(demand, edges)));
    }

    static double remembered(Demand demand, double partitions) {
        return Math.min(demand.posts() * DAY, WINDOW * partitions);
    }

    private static Figure heap(Demand demand, Costs costs, double partitions) {
        var heap = costs.figure("router.heap.member").times(demand.memberships())
                .plus(costs.figure("router.heap.room").times(demand.rooms()))
                .plus(costs.figure("router.heap.rest").times(demand.atRest()))
                .plus(costs.figure("router.heap.post").times(remembered(demand, partitions)));
        return demand.personal() ? heap.plus(costs.figure("router.heap.personal").times(demand.connections())) : heap;
    }
}
