package io.rejoin.servers;

/** The questions to a Docker engine that the choice of servers depends on. */
interface Engine {
    /** Thrown when no engine can be used; the message says why. */
    final class NoneException extends Exception {
        private static final long serialVersionUID = 1;

        private final String why;

        NoneException(String why) {
            super(why);
            this.why = why;
        }

        String why() {
            return why;
        }
    }

    /** The version of the engine. */
    String version() throws NoneException;

    /** Whether the engine already has an image. */
    boolean has(String image);

    /** Pulls an image from a registry, for a limited time. Returns whether the engine now has the image. */
    boolean pull(String image);
}
