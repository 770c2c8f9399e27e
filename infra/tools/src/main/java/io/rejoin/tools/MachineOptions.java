package io.rejoin.tools;

import io.rejoin.tools.sizing.Machines;
import picocli.CommandLine.Option;

/** The command line options that describe the machines. */
final class MachineOptions {
    private static final double GBIT = 125e6;

    @Option(names = "--replication", paramLabel = "N", defaultValue = "3", description = "Copies of each partition. Default: ${DEFAULT-VALUE}")
    private int replication = 3;

    @Option(names = "--brokers", paramLabel = "N", defaultValue = "3", description = "Number of Kafka brokers. Default: ${DEFAULT-VALUE}")
    private int brokers = 3;

    @Option(names = "--edge-cores", paramLabel = "N", defaultValue = "4", description = "Cores of one edge. Default: ${DEFAULT-VALUE}")
    private double edgeCores = 4;

    @Option(names = "--edge-memory", paramLabel = "SIZE", defaultValue = "8Gi", description = "Memory of one edge, such as 512Mi; 70%% of it is heap. Default: ${DEFAULT-VALUE}")
    private String edgeMemory = "8Gi";

    @Option(names = "--edge-connections", paramLabel = "N", defaultValue = "100k", description = "Most connections of one edge, EDGE_MAX_CONNECTIONS. Default: ${DEFAULT-VALUE}")
    private String edgeConnections = "100k";

    @Option(names = "--open-files", paramLabel = "N", defaultValue = "1M", description = "Most open files of one edge. Default: ${DEFAULT-VALUE}")
    private String openFiles = "1M";

    @Option(names = "--router-cores", paramLabel = "N", defaultValue = "2", description = "Cores of one router, and of one history instance. Default: ${DEFAULT-VALUE}")
    private double routerCores = 2;

    @Option(names = "--router-memory", paramLabel = "SIZE", defaultValue = "4Gi", description = "Memory of one router; 70%% of it is heap. Default: ${DEFAULT-VALUE}")
    private String routerMemory = "4Gi";

    @Option(names = "--network", paramLabel = "GBIT", defaultValue = "10", description = "Network of one machine, in Gbit/s in each direction. Default: ${DEFAULT-VALUE}")
    private double network = 10;

    @Option(names = "--cpu-free", paramLabel = "SHARE", defaultValue = "0.5", description = "Share of the CPU of edges, routers and history that stays free. Default: ${DEFAULT-VALUE}")
    private double cpuFree = 0.5;

    @Option(names = "--network-free", paramLabel = "SHARE", defaultValue = "0.5", description = "Share of the network that stays free. Default: ${DEFAULT-VALUE}")
    private double networkFree = 0.5;

    @Option(names = "--disk-free", paramLabel = "SHARE", defaultValue = "0.3", description = "Share of the disks that stays free. Default: ${DEFAULT-VALUE}")
    private double diskFree = 0.3;

    /**
     * The machines that the options describe.
     *
     * @throws IllegalArgumentException if an option is wrong; the message names the option
     */
    Machines machines() {
        return new Machines(edgeCores, Numbers.memory("--edge-memory", edgeMemory), routerCores,
                Numbers.memory("--router-memory", routerMemory), Numbers.count("--edge-connections", edgeConnections),
                Numbers.count("--open-files", openFiles), network * GBIT, brokers, replication, cpuFree, networkFree,
                diskFree);
    }
}
