package io.rejoin.standalone;

import java.nio.file.Path;

/**
 * The options of the command line.
 *
 * @param data      folder of broker and database
 * @param fresh     whether to delete the data of an earlier run
 * @param port      port of the first edge; further edges use the ports after it
 * @param edges     number of edges
 * @param routers   number of routers
 * @param infraOnly whether to start only broker and database
 */
record Options(Path data, boolean fresh, int port, int edges, int routers, boolean infraOnly) {
    static final int MAX = 32;

    Options {
        check(edges >= 1 && edges <= MAX, "--edges", "1 to " + MAX, edges);
        check(routers >= 1 && routers <= MAX, "--routers", "1 to " + MAX, routers);
        check(port >= 1 && port + edges - 1 <= 65_535, "--port", "1 to 65535, with room for all edges", port);
    }

    private static void check(boolean holds, String option, String range, int value) {
        if (!holds) throw new UserErrorException(option + " must be " + range + ", not " + value);
    }
}
