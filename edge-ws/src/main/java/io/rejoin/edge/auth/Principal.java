package io.rejoin.edge.auth;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import org.jspecify.annotations.Nullable;

/**
 * The identity and the rights of a connection.
 *
 * @param expiresMs when the connection ends because its token expires, in milliseconds since the epoch; null for never
 * @param guest     whether the server drew the name: only the client that got the name can come back under it, while
 *                  that client runs
 */
public record Principal(UserId user, Grants grants, @Nullable Long expiresMs, boolean guest) {
    /** A user who is not a guest. */
    public Principal(UserId user, Grants grants, @Nullable Long expiresMs) {
        this(user, grants, expiresMs, false);
    }

    /** The same rights, with the guest flag of the principal that the connection was opened with. */
    public Principal withGuestFlagOf(Principal connected) {
        return new Principal(user, grants, expiresMs, connected.guest);
    }

    /** Whether the principal may be a member of that room: of its own personal room always, of another user's never. */
    public boolean mayJoin(RoomId room) {
        return room.isPersonal() ? isOwn(room) : grants.permits(room.name());
    }

    /** Whether the principal may send direct messages to the owner of that personal room. */
    public boolean mayWriteTo(RoomId personal) {
        return isOwn(personal) || grants.permits(personal.name());
    }

    private boolean isOwn(RoomId personal) {
        return personal.equals(RoomId.personal(user));
    }
}
