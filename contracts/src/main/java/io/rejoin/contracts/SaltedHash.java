package io.rejoin.contracts;

import java.security.SecureRandom;

/**
 * Hash function with a secret salt, for hash tables in memory whose keys clients choose. Each process has its own
 * random salt. So clients cannot choose keys that all have the same hash and make a table slow. Never store or send a
 * hash, and let no decision depend on it.
 */
public final class SaltedHash {
    private static final long SALT = new SecureRandom().nextLong() | 1;
    /** Any large odd number without a regular bit pattern. */
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private SaltedHash() {}

    /** Computes the hash of these bytes and texts in order. It also depends on where one ends and the next begins. */
    public static int of(byte[] bytes, String... texts) {
        var hash = SALT;
        for (var one : bytes) hash = (hash ^ one) * SALT;
        hash = mixed(hash);
        for (var text : texts) {
            for (var n = 0; n < text.length(); n++) hash = (hash ^ text.charAt(n)) * SALT;
            hash = mixed(hash);
        }
        return (int) (hash ^ hash >>> 32);
    }

    private static long mixed(long hash) {
        var mixed = (hash ^ hash >>> 33) * MIX;
        return mixed ^ mixed >>> 29;
    }
}
