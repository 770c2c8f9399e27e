package io.rejoin.edge.auth;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import org.jspecify.annotations.Nullable;

/**
 * Who a connection is.
 *
 * @param expiresMs when the token expires, in milliseconds since the epoch; the connection ends then
 * @param guest     whether the server drew the name: only the client that was given it comes back under it, for as long as it runs
 */
public record Principal(UserId user, Grants grants, @Nullable Long expiresMs, boolean guest) {
    /** A user who may come back under that name. */
    public Principal(UserId user, Grants grants, @Nullable Long expiresMs) {
        this(user, grants, expiresMs, false);
    }

    /** The same rights for somebody whose name was drawn, or was not, when the connection was made. */
    public Principal as(Principal connected) {
        return new Principal(user, grants, expiresMs, connected.guest);
    }

    /** Whether it may be a member of that room: of its own personal room always, of nobody else's ever. */
    public boolean mayJoin(RoomId room) {
        return room.isPersonal() ? isOwn(room) : grants.permits(room.name());
    }

    /** Whether it may send direct messages to the user whose personal room that is. */
    public boolean mayWriteTo(RoomId personal) {
        return isOwn(personal) || grants.permits(personal.name());
    }

    private boolean isOwn(RoomId personal) {
        return personal.equals(RoomId.personal(user));
    }
}
