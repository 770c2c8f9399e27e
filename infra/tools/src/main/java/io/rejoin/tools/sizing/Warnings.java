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

    static List<String> of(Demand demand, Machines machines, Costs costs, Edges edges, Routers routers,
            TopicSizes topics,
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
        measured(costs, "measured.posts", demand.posts(), "posts a second; a post costs less at higher rates");
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
    private void bounds(Demand demand, Machines machines, Edges edges, Routers routers, TopicSizes topics,
            Stores stores) {
        if (demand.posts() > stores.most().value())
            found.add("limit: " + Amount.text(demand.posts(), "")
                    + " rows a second go into one PostgreSQL. The most that was seen is "
                    + Amount.text(stores.most().value(), "")
                    + ". An installation has only one PostgreSQL: run several installations, or post less.");
        if (stores.disk().value() > TABLE)
            found.add("limit: " + Amount.text(stores.disk().value(), "bytes")
                    + " of messages do not fit into one PostgreSQL:"
                    + " each of the table's 16 parts holds 32 TB at most. Keep messages for a shorter time, or post"
                    + " less.");
        if (demand.posts() * DAY > routers.remembered())
            found.add("limit: a repeated post is recognised for " + Amount.text(routers.remembered() / demand.posts(),
                    "s") + " instead of 24 h: a shard remembers 250 000 posts. More partitions remember more.");
        if (machines.edgeConnections() > 100_000)
            found.add("limit: EDGE_MAX_CONNECTIONS is 100 000 unless you raise it.");
        if (topics.brokers().value() > machines.brokers())
            found.add("limit: --brokers is " + machines.brokers() + ", but the network needs "
                    + Amount.text(topics.brokers().value(), "") + ".");
        if (machines.replication() < 2)
            found.add("limit: with one copy in Kafka, the loss of a disk loses acknowledged messages.");
        if (demand.roomsPerConnection() > 1)
            found.add(
                    "extrapolated: connections were measured in one room and a personal room; each further room"
                            + " counts as a personal room.");
        if (demand.largest() > demand.members() * 10 && demand.largest() > 10_000)
            found.add("limit: a room of " + Amount.text(demand.largest(), "")
                    + " members is in one shard, and each join and"
                    + " leave is sent to all members: see presence of the largest room.");
        if (routers.partitions() > 12)
            found.add("limit: ROUTER_PARTITIONS cannot be changed later. Choose it for the future load.");
        if (edges.total().value() > 1_000)
            found.add(
                    "limit: " + Amount.text(edges.total().value(), "") + " edges. Every router watches all of them.");
    }
}
