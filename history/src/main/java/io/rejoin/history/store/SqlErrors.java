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
    private static final Set<String> TEMPORARY = Set.of("25006", "25P03", "25P04", "55P03", "23514");

    private static final int MAX_CAUSES = 20;

    private SqlErrors() {}

    /** @param action the failed action, as a phrase: "append 40 messages" */
    static StoreException translate(String action, SQLException thrown) {
        var cause = causeOfTimeout(thrown);
        if (isAboutTls(cause))
            return new StoreException.Unavailable(action + " over TLS (check sslmode and sslrootcert in"
                    + " HISTORY_JDBC_URL)", cause);
        var state = cause.getSQLState();
        if (cause instanceof SQLTransientException || state == null || TEMPORARY.contains(state)) {
            return new StoreException.Unavailable(action, cause);
        }
        var stateClass = state.length() < 2 ? state : state.substring(0, 2);
        if (UNAVAILABLE.contains(stateClass)) return new StoreException.Unavailable(action, cause);
        if (REFUSED.contains(stateClass)) return new StoreException.Refused(action, cause);
        return new StoreException(action, cause);
    }

    /**
     * Like {@link #translate}, for a statement without messages. No message can be the cause, so a refusal is worth a
     * retry.
     */
    static StoreException translateWithoutRefusal(String action, SQLException thrown) {
        var translated = translate(action, thrown);
        return translated instanceof StoreException.Refused
                ? new StoreException.Unavailable(action, thrown)
                : translated;
    }

    /** TLS failures are worth a retry: the server may get another certificate. */
    private static boolean isAboutTls(SQLException thrown) {
        return Stream.iterate((Throwable) thrown, Objects::nonNull, Throwable::getCause).limit(MAX_CAUSES)
                .anyMatch(
                        each -> each instanceof SSLException || String.valueOf(each.getMessage()).contains("SSL root"));
    }

    /** The pool reports only a timeout. The reason, such as a wrong password, is in the cause. */
    private static SQLException causeOfTimeout(SQLException thrown) {
        var timedOut = thrown instanceof SQLTransientConnectionException;
        return timedOut && thrown.getCause() instanceof SQLException cause ? cause : thrown;
    }
}
