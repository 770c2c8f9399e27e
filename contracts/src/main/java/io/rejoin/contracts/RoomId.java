package io.rejoin.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * The id of a room: its tenant, and its name within the tenant. Topics, tables and URLs use its key form,
 * {@code tenant/name}. Clients see only the name.
 */
public record RoomId(String tenant, String name) implements Comparable<RoomId> {
    /** The tenant of users whose token names no tenant. */
    public static final String DEFAULT_TENANT = "default";
    /** Maximum length of a name, in UTF-16 characters: that of a personal room of the user with the longest name. */
    public static final int MAX_LENGTH = UserId.MAX_LENGTH + 1;
    /** First character of the name of every personal room. */
    private static final String PERSONAL = "@";

    public RoomId {
        Names.checkTenant(tenant);
        Names.check("a room's name", name, MAX_LENGTH);
    }

    /** Parses a key form. */
    @JsonCreator
    public static RoomId of(String key) {
        var slash = key.indexOf('/');
        if (slash < 0) throw new IllegalArgumentException("not tenant/name: " + key);
        return new RoomId(key.substring(0, slash), key.substring(slash + 1));
    }

    /**
     * The personal room of a user, {@code @name}. It holds the user's direct messages, and only that user may read
     * them.
     */
    public static RoomId personal(UserId user) {
        return new RoomId(user.tenant(), PERSONAL + user.name());
    }

    /** Whether this is the personal room of some user. */
    public boolean isPersonal() {
        return name.startsWith(PERSONAL) && name.length() > PERSONAL.length();
    }

    /** The user who owns this personal room. Call it only if {@link #isPersonal} is true. */
    public UserId owner() {
        return new UserId(tenant, name.substring(PERSONAL.length()));
    }

    /** The key form, {@code tenant/name}. It is unambiguous, because a tenant's name has no slash. */
    @JsonValue
    public String key() {
        return tenant + "/" + name;
    }

    /** Compares by key form. */
    @Override
    public int compareTo(RoomId other) {
        return tenant.equals(other.tenant) ? name.compareTo(other.name) : key().compareTo(other.key());
    }
}
