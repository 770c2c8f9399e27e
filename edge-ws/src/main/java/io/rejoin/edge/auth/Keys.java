package io.rejoin.edge.auth;

/** Provides the keys that verify tokens. */
interface Keys {
    /**
     * The keys that are known now. Waits only for the first read.
     *
     * @throws InvalidTokenException a temporary one, while there are no keys
     */
    Keyring current() throws InvalidTokenException;

    /**
     * The keys after a new read, for a token whose key is unknown. Blocks for a few seconds at most.
     *
     * @throws InvalidTokenException a temporary one, when the keys cannot be read
     */
    Keyring reread() throws InvalidTokenException;

    /** Keys that never change. */
    record Fixed(Keyring current) implements Keys {
        @Override
        public Keyring reread() {
            return current;
        }
    }
}
