package io.rejoin.edge;

import io.rejoin.edge.config.EdgeConfig;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** An edge as a process of its own. Exits with 2 on a bad configuration, with 1 when it cannot start or go on. */
public final class EdgeMain {
    private static final Logger log = LoggerFactory.getLogger(EdgeMain.class);

    private EdgeMain() {}

    /** Reads the environment, see {@link EdgeConfig#from}, and serves until SIGTERM. */
    public static void main(String[] args) {
        try {
            var edge = Edge.start(EdgeConfig.from(System.getenv()), _ -> Runtime.getRuntime().halt(1));
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("drain").unstarted(edge::close));
        } catch (IllegalArgumentException e) {
            System.err.println("edge: " + e.getMessage());
            System.exit(2);
        } catch (RuntimeException e) {
            log.atError().setCause(e).log("the edge cannot start");
            System.exit(1);
        }
    }
}
