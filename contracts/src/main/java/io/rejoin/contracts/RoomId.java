package io.rejoin.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/**
 * A room: the tenant it belongs to and its name there. Its key form, {@code tenant/name}, is what stands in topics, tables
 * and URLs; a client only ever sees the name.
 */
public record RoomId(String tenant, String name) implements Comparable<RoomId> {
    /** The tenant of everyone whose token names none. */
    public static final String DEFAULT_TENANT = "default";
    /** The longest name, in characters (UTF-16): a personal room's, made of the longest user name. */
    public static final int MAX_LENGTH = UserId.MAX_LENGTH + 1;
    /** Begins the name of a personal room. */
    private static final String PERSONAL = "@";

    public RoomId {
        Names.checkTenant(tenant);
        Names.check("a room's name", name, MAX_LENGTH);
    }

    /** The room of that key form. */
    @JsonCreator
    public static RoomId of(String key) {
        var slash = key.indexOf('/');
        if (slash < 0) throw new IllegalArgumentException("not tenant/name: " + key);
        return new RoomId(key.substring(0, slash), key.substring(slash + 1));
    }

    /** The personal room of a user, {@code @name}: direct messages stand there, and nobody else may read them. */
    public static RoomId personal(UserId user) {
        return new RoomId(user.tenant(), PERSONAL + user.name());
    }

    /** Whether this is the personal room of some user. */
    public boolean isPersonal() {
        return name.startsWith(PERSONAL) && name.length() > PERSONAL.length();
    }

    /** Whose personal room this is. Only for one that {@link #isPersonal}. */
    public UserId owner() {
        return new UserId(tenant, name.substring(PERSONAL.length()));
    }

    /** {@code tenant/name}: unambiguous, since a tenant holds no slash. */
    @JsonValue
    public String key() {
        return tenant + "/" + name;
    }

    /** In the order of keys. */
    @Override
    public int compareTo(RoomId other) {
        return tenant.equals(other.tenant) ? name.compareTo(other.name) : key().compareTo(other.key());
    }
}
