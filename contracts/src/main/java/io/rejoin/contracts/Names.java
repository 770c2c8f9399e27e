package io.rejoin.contracts;

/** The rules for names that people choose: what may stand in a room's or a user's name. */
final class Names {
    /** The longest tenant name, in characters. */
    static final int MAX_TENANT = 64;

    private Names() {}

    /**
     * Checks a tenant's name: 1 to 64 of {@code A-Z a-z 0-9 _ . -}, so that it can never hold the separator of a key.
     *
     * @throws IllegalArgumentException with a message fit for the client
     */
    static void checkTenant(String tenant) {
        if (tenant.isEmpty() || tenant.length() > MAX_TENANT) {
            throw new IllegalArgumentException("a tenant has 1 to " + MAX_TENANT + " characters");
        }
        if (!tenant.chars().allMatch(Names::isOfTenant)) {
            throw new IllegalArgumentException("a tenant consists of A-Z, a-z, 0-9, '_', '.' and '-'");
        }
    }

    private static boolean isOfTenant(int c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'
                || c == '-';
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
