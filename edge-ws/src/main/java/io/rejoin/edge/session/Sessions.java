package io.rejoin.edge.session;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.UserId;
import io.rejoin.edge.fanout.Receiver;
import io.rejoin.edge.fanout.Receivers;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The open sessions of this edge. Safe for any thread. */
public final class Sessions implements Receivers {
    private final ConcurrentMap<ConnectionId, Session> sessions = new ConcurrentHashMap<>();
    private final ConcurrentMap<UserId, Set<Session>> byUser = new ConcurrentHashMap<>();
    private final ConnectionLimits places;
    private final Memberships memberships;

    public Sessions(ConnectionLimits places, Memberships memberships) {
        this.places = places;
        this.memberships = memberships;
    }

    /** The places for connections. Each connection takes one before its upgrade. */
    ConnectionLimits places() {
        return places;
    }

    void opened(Session session) {
        byUser.compute(session.user(), (_, known) -> {
            Set<Session> all = known == null ? ConcurrentHashMap.newKeySet(1) : known;
            all.add(session);
            return all;
        });
        sessions.put(session.id(), session);
    }

    /**
     * Ends a session. Every session ends by this method.
     *
     * @param broke whether the client may soon come back
     */
    void ended(Session session, boolean broke) {
        if (broke) memberships.lost(session);
        else
            memberships.leaveAll(session);
        sessions.remove(session.id());
        byUser.computeIfPresent(session.user(), (_, all) -> {
            all.remove(session);
            return all.isEmpty() ? null : all;
        });
    }

    /** How many connections are open. */
    public int count() {
        return sessions.size();
    }

    Collection<Session> all() {
        return sessions.values();
    }

    @Override
    public @Nullable Receiver find(ConnectionId connection) {
        return sessions.get(connection);
    }

    @Override
    public Collection<Session> of(UserId user) {
        return byUser.getOrDefault(user, Set.of());
    }

    @Override
    public void rejoinAll() {
        sessions.values().forEach(memberships::rejoinAll);
    }
}
