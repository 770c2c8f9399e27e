package io.rejoin.servers;

import java.util.TreeMap;

/** Starts servers of one kind. */
interface Source {
    /** Starts a broker. */
    Broker broker();

    /** Starts a server and returns its maintenance database. */
    Postgres postgres();

    /**
     * Chooses the kind of servers, and prints the choice and its reason in one line.
     *
     * @throws IllegalStateException if the wish cannot be met
     */
    static Source chosen() {
        var environment = new TreeMap<>(System.getenv());
        var forced = System.getProperty("rejoin.servers");
        if (forced != null) environment.put(ServersRequest.SERVERS, forced);
        var engine = new DockerEngine();
        var wish = ServersRequest.from(environment);
        var choice = Choice.of(wish, Versions.ofThisBuild(), engine);
        System.out.println("Kafka and PostgreSQL of these tests: " + choice.text());
        return switch (choice) {
            case Choice.Embedded _ -> new EmbeddedServers();
            case Choice.Containers(var kafka, var postgres, _) -> {
                var containers = new ContainerServers(engine, kafka, postgres);
                yield wish.kind() == ServersRequest.Kind.CONTAINERS
                        ? containers
                        : new FallbackToEmbedded(containers, new EmbeddedServers());
            }
        };
    }
}
