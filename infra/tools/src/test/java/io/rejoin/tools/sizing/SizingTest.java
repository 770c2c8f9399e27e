package io.rejoin.tools.sizing;

import static io.rejoin.tools.sizing.Given.GIB;
import static io.rejoin.tools.sizing.Given.costs;
import static io.rejoin.tools.sizing.Given.demand;
import static io.rejoin.tools.sizing.Given.machines;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.assertj.core.data.Offset;
import org.junit.jupiter.api.Test;

/** Checks the sizes against numbers calculated by hand. */
class SizingTest {
    private static final Costs KNOWN = Costs.known();
    private static final Offset<Double> NEARLY = within(1e-6);

    @Test
    void edgesByHeap() {
        // 70 % of 1 GiB is heap, and 52.5 % of that is for connections: 394.6 MB, or 39,460 connections of 10,000 bytes
        var edges = Edges.of(demand(100_000, 0), machines(), costs(Map.of("edge.heap.connection", 10_000.0)));
        assertThat(edges.needed().value()).isEqualTo(3);
        assertThat(edges.total().value()).isEqualTo(4);
        assertThat(row(edges.rows(), "edges").why()).startsWith("heap: 3 carry all");
        assertThat(row(edges.rows(), "heap in use each").value()).isCloseTo(100_000 * 10_000.0 / 3, NEARLY);
    }

    @Test
    void edgesByCpu() {
        // 1,000 posts of 500 µs, each to ten members at 50 µs: 1.0 s of CPU time a second.
        // An edge may use half of two cores
        var edges = Edges.of(demand(10_000, 1_000), machines(),
                costs(Map.of("edge.cpu.post", 500.0, "edge.cpu.frame", 50.0, "edge.cpu.base", 100_000.0)));
        // 10,000 / 3,600 connect and leave a second, each reported to ten members: 55.6 frames of 50 µs.
        // In all 1.0028 s; an edge has 0.9 s beside its overhead
        assertThat(edges.needed().value()).isEqualTo(2);
        assertThat(row(edges.rows(), "edges").why()).startsWith("CPU: 2 carry all");
        assertThat(edges.work().value()).isCloseTo(1e6 + 10_000 / 3_600.0 * 20 * 50 + 3 * 100_000, NEARLY);
    }

    @Test
    void edgesByConnectionsAndFiles() {
        assertThat(Edges.of(demand(1_000_000, 0), machines(), costs(Map.of())).needed().value()).isEqualTo(10);
        var few = new Machines(2, GIB, 1, GIB, 100_000, 50_000, 125e6, 3, 3, 0.5, 0.5, 0.5);
        var edges = Edges.of(demand(1_000_000, 0), few, costs(Map.of()));
        assertThat(edges.needed().value()).isEqualTo(20);
        assertThat(row(edges.rows(), "by connections").why()).isEqualTo("open files, 50000");
        assertThat(row(edges.rows(), "balancer addresses").value()).isEqualTo(2); // 50,000 connections, 28,232 ports
    }

    @Test
    void edgesByNetwork() {
        // 100,000 posts of 64 + 61 bytes to ten members: 125 MB/s, and presence. An edge may use half of 1 Gbit/s
        var edges = Edges.of(demand(10_000, 100_000), machines(),
                costs(Map.of("edge.bytes.frame", 40.0, "edge.bytes.packet", 21.0)));
        var presence = 10_000 / 3_600.0 * 20 * 21;
        assertThat(edges.network().value()).isCloseTo(125e6 + presence, NEARLY);
        assertThat(edges.needed().value()).isEqualTo(3);
        assertThat(row(edges.rows(), "edges").why()).startsWith("network: 3 carry all");
    }

    @Test
    void aRoomReachesMoreEdgesTheMoreMembersItHas() {
        assertThat(Edges.spread(10, 1)).isEqualTo(1);
        assertThat(Edges.spread(1, 7)).isCloseTo(1, NEARLY);
        assertThat(Edges.spread(2, 2)).isCloseTo(1.5, NEARLY);
        assertThat(Edges.spread(1_000, 10)).isCloseTo(10, within(1e-3));
    }

    @Test
    void routersByCpuAndPartitionsByRouters() {
        // 1,000 posts of 2 ms are two cores. A router may use half a core: four routers, and a spare.
        // Five routers need 15 partitions: 24
        var known = costs(Map.of("router.cpu.post", 2_000.0));
        var given = demand(10_000, 1_000);
        var routers = Routers.of(given, machines(), known, Edges.of(given, machines(), known));
        assertThat(routers.needed().value()).isEqualTo(4);
        assertThat(routers.total().value()).isEqualTo(5);
        assertThat(routers.partitions()).isEqualTo(24);
        assertThat(routers.roomMost().value()).isCloseTo(250, NEARLY); // half a core, 2 ms each
        assertThat(row(routers.rows(), "routers").why()).startsWith("CPU: 4 carry all");
    }

    @Test
    void routersByHeap() {
        // a member takes 10,000 bytes. 70 % of 1 GiB is heap, and 57.5 % of that for state:
        // 432.2 MB, or 43,218 members a router
        var known = costs(Map.of("router.heap.member", 10_000.0));
        var given = demand(100_000, 0);
        var routers = Routers.of(given, machines(), known, Edges.of(given, machines(), known));
        assertThat(routers.needed().value()).isEqualTo(3);
        assertThat(routers.partitions()).isEqualTo(12);
        assertThat(row(routers.rows(), "routers").why()).startsWith("heap: 3 carry all");
    }

    @Test
    void shardsRememberPostsOfADayWithinTheirBound() {
        assertThat(Routers.remembered(demand(10, 1), 12)).isEqualTo(86_400);
        assertThat(Routers.remembered(demand(10, 1_000), 12)).isEqualTo(3_000_000);
    }

    @Test
    void topicsByRetentionAndCopies() {
        // 100 posts of 300 + 2 × 64 = 428 bytes: 42.8 kB/s, a week of it 25.9 GB, three copies, half of each disk free
        var known = costs(Map.of("kafka.commands.post", 300.0, "kafka.commands.byte", 2.0));
        var given = demand(1_000, 100);
        var edges = Edges.of(given, machines(), known);
        var topics = TopicSizes.of(given, machines(), known, edges, Routers.of(given, machines(), known, edges));
        assertThat(row(topics.rows(), "rejoin.commands").value()).isCloseTo(42_800, NEARLY);
        assertThat(topics.disk().value()).isCloseTo(42_800 * 604_800.0 * 3 / 0.5, within(1.0));
        assertThat(row(topics.rows(), "disk of each broker").value()).isCloseTo(42_800 * 604_800.0 * 2, within(1.0));
        assertThat(row(topics.rows(), "into each broker").value()).isCloseTo(42_800, NEARLY);
        assertThat(row(topics.rows(), "out of each broker").value()).isCloseTo(42_800, NEARLY); // one reader, 2 copies
    }

    @Test
    void deliveriesGoToEachEdgeWithAMember() {
        // ten members are on 3.77 of four edges: a post is 100 bytes, and 10 more for each further edge
        var known = costs(Map.of("link.post", 100.0, "link.edge", 10.0));
        var given = demand(300_000, 1_000);
        var routers = Routers.of(given, machines(), known, Edges.of(given, machines(), known));
        var reach = 4 * (1 - Math.pow(0.75, 10));
        assertThat(routers.link().value()).isCloseTo(1_000 * (100 + 10 * (reach - 1)), NEARLY);
        assertThat(row(routers.rows(), "sent to edges").value()).isEqualTo(routers.link().value());
    }

    @Test
    void allRoutersAndEdgesReadWhatTheySayOfThemselves() {
        // 11 edges and two routers write 100 bytes a second each, and each of them reads all
        var known = costs(Map.of("kafka.edges.second", 100.0));
        var given = demand(1_000_000, 0);
        var edges = Edges.of(given, machines(), known);
        var topics = TopicSizes.of(given, machines(), known, edges, Routers.of(given, machines(), known, edges));
        assertThat(row(topics.rows(), "rejoin.edges").value()).isCloseTo(1_300, NEARLY);
        assertThat(row(topics.rows(), "rejoin.edges").why()).contains("17 kB/s out");
    }

    @Test
    void rowsOfPostgres() {
        // 100 messages a second of 100 + 64 + 36 bytes: 20 kB/s, in a hundred days 172.8 GB, with half of the disk free
        var stores = Stores.of(demand(1_000, 100), machines(),
                costs(Map.of("postgres.row", 100.0, "postgres.byte", 1.0, "postgres.index", 36.0)));
        assertThat(row(stores.rows(), "disk").value()).isCloseTo(345.6e9, within(1.0));
        assertThat(stores.instances().value()).isEqualTo(2);
        assertThat(row(stores.rows(), "connections").value()).isEqualTo(25);
    }

    @Test
    void aStormTakesAsLongAsItsClientsOrTheSlowestService() {
        // half of 1,000,000 come back. Each joins one room, half of the measured unit.
        // Eleven edges of two cores have 22 s of CPU time a second
        var known = costs(Map.of("edge.cpu.resume", 8_800.0));
        var given = demand(1_000_000, 0);
        var edges = Edges.of(given, machines(), known);
        var routers = Routers.of(given, machines(), known, edges);
        var storms = Storms.of(given, machines(), known, edges, routers, Stores.of(given, machines(), known));
        assertThat(storms.seconds().value()).isCloseTo(500_000 * 0.5 * 8_800 / 22e6, NEARLY); // 100 s
        assertThat(row(storms.rows(), "until all are back").why()).startsWith("CPU of edges;");
        // they return within 50 s, so nine tenths are away for more than 5 s: each leaves and joins a room of ten
        assertThat(row(storms.rows(), "notices of presence").value()).isCloseTo(500_000 * 20 * 0.9, NEARLY);
    }

    @Test
    void routersTellEachEdgeWhoLeavesAndJoinsInAStorm() {
        // 500,000 come back, nine tenths of them late: each has a leave and a join, sent to 6.76 of eleven edges
        var known = costs(Map.of("router.cpu.delivery", 1_000.0));
        var given = demand(1_000_000, 0);
        var edges = Edges.of(given, machines(), known);
        var routers = Routers.of(given, machines(), known, edges);
        var storms = Storms.of(given, machines(), known, edges, routers, Stores.of(given, machines(), known));
        var reach = 11 * (1 - Math.pow(10 / 11.0, 10));
        var free = routers.total().value() * 1e6 - routers.work().value();
        assertThat(storms.seconds().value()).isCloseTo(500_000 * 0.9 * 2 * reach * 1_000 / free, NEARLY);
        assertThat(row(storms.rows(), "until all are back").why()).startsWith("CPU of routers;");
    }

    @Test
    void moreConnectionsNeverNeedLess() {
        var random = new Random(1);
        for (var n = 0; n < 100; n++) {
            var seed = random.nextLong();
            var before = 0.0;
            for (var connections = 1_000.0; connections < 2e7; connections *= 1.7) {
                var edges = Edges.of(drawn(connections, new Random(seed)), machines(), KNOWN);
                assertThat(edges.needed().value()).as("%s connections, seed %s", connections, seed)
                        .isGreaterThanOrEqualTo(before);
                before = edges.needed().value();
            }
        }
    }

    private static Demand drawn(double connections, Random random) {
        var members = 1 + random.nextInt(500);
        return new Demand(connections, members, members, 1 + random.nextInt(3), random.nextBoolean(),
                random.nextBoolean(), 0, connections * random.nextDouble() / 50, members, random.nextInt(5_000),
                Duration.ofMinutes(1 + random.nextInt(600)), new Demand.Storm(0.3, Duration.ofSeconds(30)),
                new Demand.Kept(Duration.ofDays(7), Duration.ofDays(30), Duration.ofDays(365)));
    }

    @Test
    void whatRestsOnAssumptionsSaysOnWhich() {
        var sizing = Sizing.of(demand(10_000, 100), machines(), KNOWN);
        assertThat(row(sizing.rows(), "sent to clients").assumed()).containsExactly("edge.bytes.packet");
        assertThat(row(sizing.rows(), "ROUTER_PARTITIONS").assumed()).isEmpty();
    }

    @Test
    void whatLeavesTheMeasuredIsSaid() {
        var small = new Machines(2, GIB, 1, GIB, 5_000, 1_000_000, 125e6, 3, 3, 0.5, 0.5, 0.5);
        assertThat(Sizing.of(demand(1_000, 10), small, KNOWN).warnings()).isEmpty();
        assertThat(Sizing.of(demand(10_000_000, 100_000), machines(), KNOWN).warnings())
                .anyMatch(
                        warning -> warning.startsWith("extrapolated: ") && warning.contains("connections on one edge"))
                .anyMatch(warning -> warning.contains("one PostgreSQL"))
                .anyMatch(warning -> warning.contains("instead of 24 h"))
                .anyMatch(warning -> warning.contains("ROUTER_PARTITIONS cannot be changed"));
    }

    private static Row row(List<Row> rows, String what) {
        return rows.stream().filter(row -> row.what().equals(what)).findFirst().orElseThrow();
    }
}
