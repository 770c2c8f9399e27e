package io.rejoin.servers;

import java.util.List;
import java.util.Optional;

/** Decides which servers the tests of this JVM use, and records the reason. */
sealed interface Choice {
    /** An image that {@code infra/images/stand-ins/build} builds, for machines that reach no registry. */
    String STAND_IN_KAFKA = "rejoin-stand-in-kafka:4";
    /** An image that {@code infra/images/stand-ins/build} builds, for machines that reach no registry. */
    String STAND_IN_POSTGRES = "rejoin-stand-in-postgres:18";

    /** The choice and its reason, in one line. */
    String text();

    /** The tests use containers of these images. */
    record Containers(String kafkaImage, String postgresImage, String why) implements Choice {
        @Override
        public String text() {
            return "containers of " + kafkaImage + " and " + postgresImage + ", because " + why
                    + "; -Drejoin.servers=embedded chooses child processes";
        }
    }

    /** The tests use child processes. */
    record Embedded(Versions versions, String why) implements Choice {
        @Override
        public String text() {
            return "embedded Kafka " + versions.kafka() + " and PostgreSQL " + versions.postgres()
                    + " in child processes, because " + why + "; -Drejoin.servers=containers requires containers";
        }
    }

    /**
     * Chooses between containers and child processes.
     *
     * @throws IllegalStateException if the wish cannot be met; the message says what to do
     */
    static Choice of(ServersRequest wish, Versions versions, Engine engine) {
        return switch (wish.kind()) {
            case EMBEDDED -> new Embedded(versions, "they are requested");
            case CONTAINERS -> {
                try {
                    yield containers(wish, versions, engine, "they are requested");
                } catch (Engine.NoneException e) {
                    throw new IllegalStateException("containers are requested, but " + e.why()
                            + " (infra/images/engine starts one on Debian, infra/images/stand-ins/build the images)",
                            e);
                }
            }
            case WHATEVER_WORKS -> {
                try {
                    yield containers(wish, versions, engine, "Docker " + engine.version() + " answers");
                } catch (Engine.NoneException e) {
                    yield new Embedded(versions, e.why());
                }
            }
        };
    }

    private static Containers containers(ServersRequest wish, Versions versions, Engine engine, String why)
            throws Engine.NoneException {
        var _ = engine.version();
        return new Containers(image(wish.kafkaImage(), STAND_IN_KAFKA, versions.kafkaImage(), engine),
                image(wish.postgresImage(), STAND_IN_POSTGRES, versions.postgresImage(), engine), why);
    }

    private static String image(Optional<String> asked, String standIn, String official, Engine engine)
            throws Engine.NoneException {
        var candidates = asked.map(List::of).orElse(List.of(standIn, official));
        for (var image : candidates) {
            if (engine.has(image)) return image;
        }
        var last = candidates.getLast(); // the official image, unless one is asked for: no registry has a stand-in
        if (engine.pull(last)) return last;
        throw new Engine.NoneException("Docker has no image " + String.join(" or ", candidates)
                + " and cannot pull one");
    }
}
