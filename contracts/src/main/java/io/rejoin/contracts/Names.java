package io.rejoin.contracts;

/**
 * The rules for the names of tenants, rooms and users. Loops instead of streams: each message that is read makes
 * several names.
 */
final class Names {
    /** Maximum length of a tenant's name, in characters. */
    static final int MAX_TENANT = 64;

    private Names() {}

    /**
     * Checks a tenant's name: 1 to 64 of {@code A-Z a-z 0-9 _ . -}. So it never contains the separator of a key, the
     * slash.
     *
     * @throws IllegalArgumentException with a message that a client may see
     */
    static void checkTenant(String tenant) {
        if (tenant.isEmpty() || tenant.length() > MAX_TENANT) {
            throw new IllegalArgumentException("a tenant must have 1 to " + MAX_TENANT + " characters");
        }
        for (var n = 0; n < tenant.length(); n++) {
            if (!isTenantCharacter(tenant.charAt(n)))
                throw new IllegalArgumentException("a tenant may have only A-Z, a-z, 0-9, '_', '.' and '-'");
        }
    }

    private static boolean isTenantCharacter(char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.'
                || c == '-';
    }

    /**
     * Checks a name: 1 to {@code max} characters, without control characters or halves of surrogate pairs.
     *
     * @throws IllegalArgumentException with a message that a client may see
     */
    static void check(String label, String name, int max) {
        if (name.isEmpty() || name.length() > max) {
            throw new IllegalArgumentException(label + " must have 1 to " + max + " characters, not " + name.length());
        }
        for (int n = 0, point; n < name.length(); n += Character.charCount(point)) {
            point = name.codePointAt(n);
            if (Character.isISOControl(point))
                throw new IllegalArgumentException(label + " must not contain control characters");
            if (Character.MIN_SURROGATE <= point && point <= Character.MAX_SURROGATE)
                throw new IllegalArgumentException(label + " must not contain half of a surrogate pair");
        }
    }
}
