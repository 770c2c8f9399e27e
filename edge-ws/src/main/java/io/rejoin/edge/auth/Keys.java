package io.rejoin.edge.auth;

/** Where the keys that tokens are verified with come from. */
interface Keys {
    /**
     * The keys as they are known.
     *
     * @throws InvalidTokenException a temporary one, while there are none
     */
    Keyring current() throws InvalidTokenException;

    /**
     * The keys as they are now: asks for them, where they may have changed. Blocks for some seconds at most.
     *
     * @throws InvalidTokenException a temporary one, when that cannot be found out
     */
    Keyring asked() throws InvalidTokenException;

    /** Keys that never change. */
    record Fixed(Keyring current) implements Keys {
        @Override
        public Keyring asked() {
            return current;
        }
    }
}
