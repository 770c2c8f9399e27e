package io.rejoin.edge.session;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.UserId;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import java.util.Collection;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/** The open sessions of this edge. Safe for any thread. */
public final class Sessions implements Receivers {
    private final ConcurrentMap<ConnectionId, Session> sessions = new ConcurrentHashMap<>();
    private final ConcurrentMap<UserId, Set<Session>> byUser = new ConcurrentHashMap<>();
    private final ConnectionLimits connectionLimits;
    private final Memberships memberships;

    public Sessions(ConnectionLimits connectionLimits, Memberships memberships) {
        this.connectionLimits = connectionLimits;
        this.memberships = memberships;
    }

    /** Each connection takes a slot here before its upgrade. */
    ConnectionLimits connectionLimits() {
        return connectionLimits;
    }

    void add(Session session) {
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
     * @param mayReturn whether the client may soon come back
     */
    void end(Session session, boolean mayReturn) {
        if (mayReturn) memberships.startGracePeriod(session);
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
