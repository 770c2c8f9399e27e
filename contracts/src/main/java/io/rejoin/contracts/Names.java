package io.rejoin.contracts;

/** The rules for names that people choose: what may stand in a room's or a user's name. */
final class Names {
    /** The longest tenant name, in characters. */
    static final int MAX_TENANT = 32;

    private Names() {}

    /**
     * Checks a tenant's name: 1 to 32 of {@code a-z 0-9 -}, so that it can never hold the separator of a key.
     *
     * @throws IllegalArgumentException with a message fit for the client
     */
    static void checkTenant(String tenant) {
        if (tenant.isEmpty() || tenant.length() > MAX_TENANT) {
            throw new IllegalArgumentException("a tenant has 1 to " + MAX_TENANT + " characters");
        }
        if (!tenant.chars().allMatch(c -> (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            throw new IllegalArgumentException("a tenant consists of a-z, 0-9 and '-'");
        }
    }

    /**
     * Checks a name of one to {@code max} characters without control characters or broken surrogates.
     *
     * @throws IllegalArgumentException with a message fit for the client
     */
    static void check(String what, String name, int max) {
        if (name.isEmpty() || name.length() > max) {
            throw new IllegalArgumentException(what + " has 1 to " + max + " characters, this one " + name.length());
        }
        var wellFormed = name.codePoints().noneMatch(c -> Character.isISOControl(c) || (c >= 0xD800 && c <= 0xDFFF));
        if (!wellFormed) {
            throw new IllegalArgumentException(what + " must not contain control characters");
        }
    }
}
