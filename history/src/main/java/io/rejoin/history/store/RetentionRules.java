package io.rejoin.history.store;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * A {@link Retention} with its number in the database.
 *
 * @param number 1 for the first rules of the database; each change increments it
 */
public record RetentionRules(Retention retention, int number) {
    private static final String STORE = """
            INSERT INTO retention (number, rules) VALUES (1, ?)
            ON CONFLICT (single) DO UPDATE SET number = retention.number + 1, rules = excluded.rules
                WHERE retention.rules <> excluded.rules""";

    private static final String NUMBER = "SELECT number FROM retention";

    /**
     * Stores the rules that apply from now on. If several instances have different rules, the instance that starts last
     * wins.
     */
    public static RetentionRules store(Database database, Retention retention) {
        try (var connection = database.beginWrite(); var upsert = connection.prepareStatement(STORE)) {
            upsert.setString(1, retention.toString());
            upsert.executeUpdate();
            var number = number(connection);
            connection.commit();
            return new RetentionRules(retention, number);
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("store the retention rules", e);
        }
    }

    /** Whether these rules are still the ones in the database. */
    boolean areCurrent(Connection connection) throws SQLException {
        return number(connection) == number;
    }

    private static int number(Connection connection) throws SQLException {
        try (var statement = connection.createStatement(); var row = statement.executeQuery(NUMBER)) {
            return row.next() ? row.getInt(1) : 0;
        }
    }
}
