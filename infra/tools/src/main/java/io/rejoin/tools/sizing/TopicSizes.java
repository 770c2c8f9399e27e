package io.rejoin.tools.sizing;

import java.util.ArrayList;
import java.util.List;

/**
 * The load of Kafka's topics, and the brokers that it needs.
 *
 * @param brokers the number of brokers that network and copies need at least
 * @param disk    bytes on all brokers, with all copies and the free share
 */
record TopicSizes(Figure brokers, Figure disk, List<Row> rows) {
    private static final String PART = "kafka";
    private static final double MICROS = 1e6;
    private static final double DAY = 86_400;

    TopicSizes {
        rows = List.copyOf(rows);
    }

    /**
     * The load of one topic.
     *
     * @param records at most, a second
     * @param in      bytes a second from producers
     * @param out     bytes a second to consumers
     * @param disk    bytes of one copy
     * @param kept    how long records stay, for people
     */
    private record Topic(String name, double records, Figure in, Figure out, Figure disk, String kept) {}

    static TopicSizes of(Demand demand, Machines machines, Costs costs, Edges edges, Routers routers) {
        var topics = List.of(commands(demand, costs), events(demand, costs), state(demand, costs, routers),
                edges(costs, edges, routers));
        var rows = new ArrayList<Row>();
        var in = Figure.of(0);
        var out = Figure.of(0);
        var disk = Figure.of(0);
        for (var topic : topics) {
            rows.add(Row.of(PART, topic.name, topic.in, "bytes/s", "in; " + Amount.text(topic.out.value(), "bytes/s")
                    + " out; at most " + Amount.text(Math.ceil(topic.records), "") + " records a second; "
                    + Amount.text(topic.disk.value(), "bytes") + " a copy, " + topic.kept));
            in = in.plus(topic.in);
            out = out.plus(topic.out);
            disk = disk.plus(topic.disk);
        }
        var copies = machines.replication();
        var into = in.times(copies);
        var from = out.plus(in.times(copies - 1));
        var each = machines.network() * (1 - machines.networkFree());
        var brokers = into.max(from).over(each).max(Figure.of(copies)).up();
        var all = disk.times(copies).over(1 - machines.diskFree());
        rows.add(Row.of(PART, "brokers", brokers.max(Figure.of(machines.brokers())), "",
                brokers.value() > machines.brokers()
                        ? "network"
                        : "value of --brokers; the network needs "
                                + Amount.text(into.max(from).over(each).up().value(), "") + ", " + copies
                                + " copies need "
                                + copies));
        var count = brokers.max(Figure.of(machines.brokers()));
        rows.add(Row.of(PART, "into each broker", into.over(count), "bytes/s", "producers and " + (copies - 1)
                + " further copies"));
        rows.add(Row.of(PART, "out of each broker", from.over(count), "bytes/s", "consumers and " + (copies - 1)
                + " further copies"));
        rows.add(Row.of(PART, "disk of each broker", all.over(count), "bytes", copies + " copies, "
                + Edges.share(machines.diskFree()) + " stay free"));
        rows.add(Row.of(PART, "CPU of all brokers", cpu(demand, costs, edges.total().value())
                .plus(costs.busy("kafka").times(count)).over(MICROS), "cores",
                "at least: only one broker, without copies, was measured"));
        return new TopicSizes(brokers, all, rows);
    }

    private static Topic commands(Demand demand, Costs costs) {
        var coming = costs.figure("kafka.commands.join").plus(costs.figure("kafka.commands.leave"))
                .times(demand.opened() * demand.joinsPerOpening());
        var in = message(demand, costs, "kafka.commands").plus(coming);
        var kept = demand.kept().commands();
        return new Topic("rejoin.commands", demand.posts() + 4 * demand.opened() * demand.joinsPerOpening(), in, in,
                in.times(Demand.seconds(kept)), "kept " + Amount.text(Demand.seconds(kept), "s"));
    }

    private static Topic events(Demand demand, Costs costs) {
        var coming = costs.figure("kafka.events.join").plus(costs.figure("kafka.events.leave"))
                .times(demand.opened() * demand.joinsPerOpening());
        var in = message(demand, costs, "kafka.events").plus(coming);
        var kept = demand.kept().events();
        return new Topic("rejoin.events", demand.posts() + 4 * demand.opened() * demand.joinsPerOpening(), in, in,
                in.times(Demand.seconds(kept)), "kept " + Amount.text(Demand.seconds(kept), "s"));
    }

    private static Topic state(Demand demand, Costs costs, Routers routers) {
        var post = costs.figure("kafka.state.post");
        var join = costs.figure("kafka.state.join").times(demand.joinsPerOpening());
        var in = post.times(demand.posts()).plus(join.times(2 * demand.opened()));
        var disk = post.times(routers.remembered()).plus(join.times(demand.connections()));
        return new Topic("rejoin.state", demand.posts() + 2 * demand.opened(), in, Figure.of(0), disk,
                "compacted; read when a router takes a shard over");
    }

    private static Topic edges(Costs costs, Edges edges, Routers routers) {
        var speakers = edges.total().plus(routers.total());
        var in = costs.figure("kafka.edges.second").times(speakers);
        return new Topic("rejoin.edges", edges.total().value() + 4 * routers.total().value(), in,
                in.times(speakers), in.times(DAY), "kept 24 h at most; all routers and edges read it");
    }

    private static Figure message(Demand demand, Costs costs, String topic) {
        return costs.figure(topic + ".post").plus(costs.figure(topic + ".byte").times(demand.bytes()))
                .times(demand.posts());
    }

    private static Figure cpu(Demand demand, Costs costs, double edges) {
        var others = demand.posts() * Math.max(0, Edges.spread(demand.fanOut(), edges) - 1);
        return costs.figure("kafka.cpu.post").plus(costs.figure("kafka.cpu.byte")
                .times(Math.max(0, demand.bytes() - 64))).times(demand.posts())
                .plus(costs.figure("kafka.cpu.delivery").times(others))
                .plus(costs.figure("kafka.cpu.join").plus(costs.figure("kafka.cpu.leave"))
                        .times(demand.opened() * demand.joinsPerOpening()));
    }
}
