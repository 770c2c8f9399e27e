package io.rejoin.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A user: the tenant it belongs to and its name there. Its key form, {@code tenant/name}, is what stands in topics, tables
 * and URLs; a client only ever sees the name.
 */
public record UserId(String tenant, String name) implements Comparable<UserId> {
    /** The tenant of everyone whose token names none. */
    public static final String DEFAULT_TENANT = "default";
    /** The longest name, in characters (UTF-16). */
    public static final int MAX_LENGTH = 255;

    public UserId {
        Names.checkTenant(tenant);
        Names.check("a user's name", name, MAX_LENGTH);
    }

    /** The user of that key form. */
    @JsonCreator
    public static UserId of(String key) {
        var slash = key.indexOf('/');
        if (slash < 0) throw new IllegalArgumentException("not tenant/name: " + key);
        return new UserId(key.substring(0, slash), key.substring(slash + 1));
    }

    /** {@code tenant/name}: unambiguous, since a tenant holds no slash. */
    @JsonValue
    public String key() {
        return tenant + "/" + name;
    }

    /** In the order of keys. */
    @Override
    public int compareTo(UserId other) {
        return tenant.equals(other.tenant) ? name.compareTo(other.name) : key().compareTo(other.key());
    }
}
