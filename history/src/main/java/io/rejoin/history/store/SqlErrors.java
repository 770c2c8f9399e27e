package io.rejoin.history.store;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import java.sql.SQLTransientException;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;

/** Translates a {@link SQLException} by its SQLSTATE (PostgreSQL manual, appendix A). */
final class SqlErrors {
    /** Data exception; integrity constraint violation; program limit exceeded. */
    private static final Set<String> REFUSED = Set.of("22", "23", "54");
    /** Connection; rollback (deadlock and the like); resources; operator intervention; system error. */
    private static final Set<String> UNAVAILABLE = Set.of("08", "40", "53", "57", "58");
    /**
     * Temporary errors. 25006: the server is a standby, before or after a failover. 25P03 and 25P04: timeouts of a
     * session or a transaction. 55P03: a lock is not available. 23514: no partition for a row, because one is detached
     * at the moment; no CHECK of the tables concerns a message.
     */
    private static final Set<String> PASSING = Set.of("25006", "25P03", "25P04", "55P03", "23514");

    private static final int MAX_CAUSES = 20;

    private SqlErrors() {}

    /** @param doing the failed action, as a phrase: "append 40 messages" */
    static StoreException explain(String doing, SQLException thrown) {
        var cause = connectFailure(thrown);
        if (isAboutTls(cause))
            return new StoreException.Unavailable(doing + " over TLS (check sslmode and sslrootcert in"
                    + " HISTORY_JDBC_URL)", cause);
        var state = cause.getSQLState();
        if (cause instanceof SQLTransientException || state == null || PASSING.contains(state)) {
            return new StoreException.Unavailable(doing, cause);
        }
        var kind = state.length() < 2 ? state : state.substring(0, 2);
        if (UNAVAILABLE.contains(kind)) return new StoreException.Unavailable(doing, cause);
        if (REFUSED.contains(kind)) return new StoreException.Refused(doing, cause);
        return new StoreException(doing, cause);
    }

    /**
     * Like {@link #explain}, for a statement without messages. No message can be the cause, so a refusal is worth a
     * retry.
     */
    static StoreException explainPositions(String doing, SQLException thrown) {
        var explained = explain(doing, thrown);
        return explained instanceof StoreException.Refused ? new StoreException.Unavailable(doing, thrown) : explained;
    }

    /** TLS failures are worth a retry: the server may get another certificate. */
    private static boolean isAboutTls(SQLException thrown) {
        return Stream.iterate((Throwable) thrown, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES)
                .anyMatch(
                        each -> each instanceof SSLException || String.valueOf(each.getMessage()).contains("SSL root"));
    }

    /** The pool reports only a timeout. The reason, such as a wrong password, is in the cause. */
    private static SQLException connectFailure(SQLException thrown) {
        var timedOut = thrown instanceof SQLTransientConnectionException;
        return timedOut && thrown.getCause() instanceof SQLException cause ? cause : thrown;
    }
}
