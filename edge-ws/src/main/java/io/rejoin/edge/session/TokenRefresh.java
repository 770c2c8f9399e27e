package io.rejoin.edge.session;

import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.ErrorCode;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.edge.auth.InvalidTokenException;
import io.rejoin.edge.auth.Principal;
import io.rejoin.edge.auth.TokenVerifier;
import java.util.Objects;

/**
 * Replaces the token of a live connection. If the new token is refused, the connection keeps the old one until that
 * expires.
 */
public final class TokenRefresh {
    private final TokenVerifier tokens;
    private final Memberships memberships;

    public TokenRefresh(TokenVerifier tokens, Memberships memberships) {
        this.tokens = tokens;
        this.memberships = memberships;
    }

    void refresh(Session session, ClientFrame.Refresh refresh) {
        Principal principal;
        try {
            principal = tokens.verify(refresh.token(), session.user().name());
        } catch (InvalidTokenException e) {
            refuse(session, refresh, e.isTemporary() ? ErrorCode.UNAVAILABLE : ErrorCode.INVALID_TOKEN,
                    Objects.requireNonNull(e.getMessage()));
            return;
        }
        if (!principal.user().equals(session.user())) {
            refuse(session, refresh, ErrorCode.INVALID_TOKEN,
                    "the new token is for another user or tenant: open another connection for it");
            return;
        }
        session.setPrincipal(principal.withGuestFlagOf(session.principal()));
        session.reply(new ServerFrame.Refreshed(refresh.id(), principal.expiresMs()));
        memberships.leaveForbidden(session);
    }

    private static void refuse(Session session, ClientFrame.Refresh refresh, ErrorCode code, String why) {
        session.fail(refresh.id(), null, code, why + "; the connection continues with the old token");
    }
}
