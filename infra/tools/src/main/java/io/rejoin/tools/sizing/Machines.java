package io.rejoin.tools.sizing;

/**
 * The machines of an installation, and the share of them that is to stay free.
 *
 * @param edgeMemory      bytes of one edge, of which 70% are heap
 * @param routerMemory    bytes of one router
 * @param edgeConnections the most connections that one edge takes, {@code EDGE_MAX_CONNECTIONS}
 * @param openFiles       the most open files of one edge
 * @param network         bytes a second of one machine, in either direction
 * @param brokers         the number of Kafka brokers
 * @param replication     copies of each partition
 * @param cpuFree         share that stays free, from 0 to 1; the same for the next two
 */
public record Machines(double edgeCores, double edgeMemory, double routerCores, double routerMemory,
        double edgeConnections, double openFiles, double network, int brokers, int replication, double cpuFree,
        double networkFree, double diskFree) {
    private static final double GIB = 1L << 30;

    public Machines {
        Demand.range("--edge-cores", edgeCores, 0.5, 256);
        Demand.range("--router-cores", routerCores, 0.5, 256);
        memory("--edge-memory", edgeMemory);
        memory("--router-memory", routerMemory);
        Demand.range("--edge-connections", edgeConnections, 1, 10_000_000);
        Demand.range("--open-files", openFiles, 1_000, 1e9);
        Demand.range("--network", network / 125e6, 0.01, 1_000);
        Demand.range("--brokers", brokers, 1, 10_000);
        Demand.range("--replication", replication, 1, 10);
        if (replication > brokers)
            throw new IllegalArgumentException("--replication is %d, but there are %d brokers".formatted(replication,
                    brokers));
        Demand.range("--cpu-free", cpuFree, 0, 0.95);
        Demand.range("--network-free", networkFree, 0, 0.95);
        Demand.range("--disk-free", diskFree, 0, 0.95);
    }

    private static void memory(String option, double bytes) {
        if (!(bytes >= GIB / 2 && bytes <= 1024 * GIB))
            throw new IllegalArgumentException(option + " must be from 512Mi to 1024Gi, not " + Amount.plain(bytes)
                    + " bytes");
    }
}
