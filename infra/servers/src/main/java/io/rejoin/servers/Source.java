package io.rejoin.servers;

import java.util.TreeMap;

/** Starts servers of one sort. */
interface Source {
    /** Starts a broker. */
    Broker broker();

    /** Starts a server; what comes back is its maintenance database. */
    Postgres postgres();

    /**
     * Decides, and says what and why in one line.
     *
     * @throws IllegalStateException if what is wished for cannot be had
     */
    static Source chosen() {
        var environment = new TreeMap<>(System.getenv());
        var forced = System.getProperty("rejoin.servers");
        if (forced != null) environment.put(Wish.SERVERS, forced);
        var engine = new DockerEngine();
        var wish = Wish.from(environment);
        var choice = Choice.of(wish, Versions.ofThisBuild(), engine);
        System.out.println("Kafka and PostgreSQL of these tests: " + choice.text());
        return switch (choice) {
            case Choice.Embedded _ -> new EmbeddedServers();
            case Choice.Containers(var kafka, var postgres, _) -> {
                var containers = new ContainerServers(engine, kafka, postgres);
                yield wish.kind() == Wish.Kind.CONTAINERS
                        ? containers
                        : new ElseEmbedded(containers, new EmbeddedServers());
            }
        };
    }
}
