package io.rejoin.servers;

/** A Docker engine, as far as the choice asks it. */
interface Engine {
    /** Says why no engine can be used. */
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

    /** The version of the engine that answers. */
    String version() throws NoneException;

    /** Whether it has an image already. */
    boolean has(String image);

    /** Whether it has got an image from a registry, within a bound. */
    boolean pull(String image);
}
