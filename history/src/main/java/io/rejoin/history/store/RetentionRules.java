package io.rejoin.history.store;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A {@link Retention} as the database knows it.
 *
 * @param number 1 for the first that it had, and greater with each change
 */
public record RetentionRules(Retention retention, int number) {
    private static final String SAY = """
            INSERT INTO retention (number, rules) VALUES (1, ?)
            ON CONFLICT (single) DO UPDATE SET number = retention.number + 1, rules = excluded.rules
                WHERE retention.rules <> excluded.rules""";

    private static final String NUMBER = "SELECT number FROM retention";

    /** Says by which rules messages are deleted from now on: of several instances, the one that starts last decides. */
    public static RetentionRules say(Database database, Retention retention) {
        try (var connection = database.writes(); var say = connection.prepareStatement(SAY)) {
            say.setString(1, retention.toString());
            say.executeUpdate();
            var number = number(connection);
            connection.commit();
            return new RetentionRules(retention, number);
        } catch (SQLException e) {
            throw SqlErrors.explainPositions("say how long messages are kept", e);
        }
    }

    /** Whether no instance with other rules has started since. */
    boolean areCurrent(Connection connection) throws SQLException {
        return number(connection) == number;
    }

    private static int number(Connection connection) throws SQLException {
        try (var statement = connection.createStatement(); var row = statement.executeQuery(NUMBER)) {
            return row.next() ? row.getInt(1) : 0;
        }
    }
}
