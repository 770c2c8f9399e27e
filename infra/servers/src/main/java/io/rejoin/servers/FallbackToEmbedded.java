package io.rejoin.servers;

import java.util.function.Function;

/** Starts containers until one fails to start. From then on starts child processes, and prints a line that says so. */
final class FallbackToEmbedded implements Source {
    private final Source containers;
    private final Source embedded;
    private boolean failed;

    FallbackToEmbedded(Source containers, Source embedded) {
        this.containers = containers;
        this.embedded = embedded;
    }

    @Override
    public Broker broker() {
        return start(Source::broker);
    }

    @Override
    public Postgres postgres() {
        return start(Source::postgres);
    }

    private synchronized <T> T start(Function<Source, T> server) {
        if (failed) return server.apply(embedded);
        try {
            return server.apply(containers);
        } catch (RuntimeException e) {
            System.out.println(
                    "Kafka and PostgreSQL of these tests: child processes from now on, because no container starts: "
                            + e + causes(e));
            failed = true;
            return server.apply(embedded);
        }
    }

    private static String causes(Throwable e) {
        var cause = e.getCause();
        return cause == null ? "" : "; " + cause + causes(cause);
    }
}
