package io.rejoin.contracts;

import java.security.SecureRandom;

/**
 * Hashes of texts that clients choose, for tables in memory. Each process has its own salt, so nobody can choose texts that all
 * have one hash and make a table slow. Never written down, and nothing may be decided by it: only where something lies.
 */
public final class SaltedHash {
    private static final long SALT = new SecureRandom().nextLong() | 1;
    /** Any large odd number without a pattern. */
    private static final long MIX = 0x9E3779B97F4A7C15L;

    private SaltedHash() {}

    /** A hash of these bytes and texts in that order; where one ends and the next begins counts, too. */
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
