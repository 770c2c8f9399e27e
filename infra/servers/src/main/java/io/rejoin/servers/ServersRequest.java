package io.rejoin.servers;

import java.util.Map;
import java.util.Optional;

/**
 * What the user who runs the tests asks for.
 *
 * @param kafkaImage    replaces the known images of Kafka
 * @param postgresImage replaces the known images of PostgreSQL
 */
record ServersRequest(Kind kind, Optional<String> kafkaImage, Optional<String> postgresImage) {
    static final String SERVERS = "TEST_SERVERS";
    static final String KAFKA_IMAGE = "TEST_KAFKA_IMAGE";
    static final String POSTGRES_IMAGE = "TEST_POSTGRES_IMAGE";

    enum Kind {
        WHATEVER_WORKS, CONTAINERS, EMBEDDED
    }

    /**
     * Reads the environment. An empty variable counts as unset.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static ServersRequest from(Map<String, String> environment) {
        return new ServersRequest(kind(environment.getOrDefault(SERVERS, "")), image(environment, KAFKA_IMAGE),
                image(environment, POSTGRES_IMAGE));
    }

    private static Kind kind(String value) {
        return switch (value) {
            case "", "auto" -> Kind.WHATEVER_WORKS;
            case "containers" -> Kind.CONTAINERS;
            case "embedded" -> Kind.EMBEDDED;
            default -> throw new IllegalArgumentException("-Drejoin.servers or " + SERVERS
                    + " must be containers, embedded or auto, not " + value);
        };
    }

    private static Optional<String> image(Map<String, String> environment, String name) {
        return Optional.of(environment.getOrDefault(name, "")).filter(image -> !image.isEmpty());
    }
}
