package io.rejoin.tools.sizing;

import java.util.ArrayList;
import java.util.List;

/** The warnings beside the numbers: values beyond the measurements, and bounds of Rejoin. */
final class Warnings {
    /**
     * The largest size of the messages table, in bytes: 16 partitions with PostgreSQL's limit of 2^32 pages of 8 KiB
     * each.
     */
    private static final double TABLE = 16 * 8_192.0 * (1L << 32);
    private static final double DAY = 86_400;

    private final List<String> found = new ArrayList<>();

    private Warnings() {}

    static List<String> of(Demand demand, Machines machines, Costs costs, Edges edges, Routers routers, Topics topics,
            Stores stores, Storms storms) {
        var warnings = new Warnings();
        warnings.beyond(demand, costs, edges, storms);
        warnings.bounds(demand, machines, edges, routers, topics, stores);
        return List.copyOf(warnings.found);
    }

    /** Warns of values above the measured range. */
    private void beyond(Demand demand, Costs costs, Edges edges, Storms storms) {
        measured(costs, "measured.connections", demand.connections() / edges.needed().value(),
                "connections on one edge");
        measured(costs, "measured.posts", demand.posts(), "posts a second; at higher rates a post has cost less");
        measured(costs, "measured.members", demand.fanOut(), "members that get a message");
        measured(costs, "measured.bytes", demand.bytes(), "bytes of a message");
        measured(costs, "measured.edges", edges.total().value(), "edges");
        measured(costs, "measured.storm", storms.returning(), "connections that come back at once");
    }

    private void measured(Costs costs, String bound, double value, String what) {
        var most = costs.get(bound).value();
        if (value > most)
            found.add("extrapolated: " + Amount.text(Math.ceil(value), "") + " " + what + ". Nothing above "
                    + Amount.text(most, "") + " was measured.");
    }

    /** Warns of values that reach a bound of Rejoin. */
    private void bounds(Demand demand, Machines machines, Edges edges, Routers routers, Topics topics, Stores stores) {
        if (demand.posts() > stores.most().value())
            found.add("bound: " + Amount.text(demand.posts(), "")
                    + " rows a second go into one PostgreSQL, which was seen"
                    + " to take " + Amount.text(stores.most().value(), "")
                    + ". Messages cannot be shared out to several: run several installations, or post less.");
        if (stores.disk().value() > TABLE)
            found.add("bound: " + Amount.text(stores.disk().value(), "bytes")
                    + " of messages do not fit into one PostgreSQL:"
                    + " each of the table's 16 parts holds 32 TB at most. Keep them for less long, or post less.");
        if (demand.posts() * DAY > routers.remembered())
            found.add("bound: a repeated post is known again for " + Amount.text(routers.remembered() / demand.posts(),
                    "s") + " instead of 24 h: a shard remembers 250 000. More partitions remember more.");
        if (machines.edgeConnections() > 100_000)
            found.add("bound: EDGE_MAX_CONNECTIONS is 100 000 unless it is raised.");
        if (topics.brokers().value() > machines.brokers())
            found.add("bound: " + machines.brokers() + " brokers are asked for, and the network needs "
                    + Amount.text(topics.brokers().value(), "") + ".");
        if (machines.replication() < 2)
            found.add("bound: with one copy in Kafka, a lost disk loses messages that were acknowledged.");
        if (demand.roomsPerConnection() > 1)
            found.add(
                    "extrapolated: a connection was measured in one room and a personal one; each further room counts as"
                            + " a personal one.");
        if (demand.largest() > demand.members() * 10 && demand.largest() > 10_000)
            found.add("bound: a room of " + Amount.text(demand.largest(), "")
                    + " members is one shard, and everybody in it"
                    + " is told of everybody's coming and going: see presence of the largest room.");
        if (routers.partitions() > 12)
            found.add("bound: ROUTER_PARTITIONS is for ever. Choose for what will come, not for what is there.");
        if (edges.total().value() > 1_000)
            found.add(
                    "bound: " + Amount.text(edges.total().value(), "") + " edges, each of which every router watches.");
    }
}
