package io.rejoin.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The id of a user: its tenant, and its name within the tenant. Topics, tables and URLs use its key form,
 * {@code tenant/name}. Clients see only the name.
 */
public record UserId(String tenant, String name) implements Comparable<UserId> {
    /** The tenant of users whose token names no tenant. */
    public static final String DEFAULT_TENANT = "default";
    /** Maximum length of a name, in UTF-16 characters. */
    public static final int MAX_LENGTH = 255;

    public UserId {
        Names.checkTenant(tenant);
        Names.check("a user's name", name, MAX_LENGTH);
    }

    /** Parses a key form. */
    @JsonCreator
    public static UserId of(String key) {
        var slash = key.indexOf('/');
        if (slash < 0) throw new IllegalArgumentException("not tenant/name: " + key);
        return new UserId(key.substring(0, slash), key.substring(slash + 1));
    }

    /** The key form, {@code tenant/name}. It is unambiguous, because a tenant's name has no slash. */
    @JsonValue
    public String key() {
        return tenant + "/" + name;
    }

    /** Compares by key form. */
    @Override
    public int compareTo(UserId other) {
        return tenant.equals(other.tenant) ? name.compareTo(other.name) : key().compareTo(other.key());
    }
}
