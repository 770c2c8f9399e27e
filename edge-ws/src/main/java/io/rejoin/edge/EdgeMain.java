package io.rejoin.edge;

import io.rejoin.contracts.env.Program;
import io.rejoin.edge.config.EdgeConfig;

/** Runs an edge as its own process, configured by the environment, see {@link EdgeConfig#from}. */
public final class EdgeMain {
    private EdgeMain() {}

    /** Serves until SIGTERM. {@link Program} defines the exit codes. */
    public static void main(String[] args) {
        Program.run("edge", EdgeConfig::read, config -> Edge.start(config, _ -> Runtime.getRuntime().halt(1)));
    }
}
