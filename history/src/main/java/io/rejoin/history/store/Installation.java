package io.rejoin.history.store;

import io.rejoin.contracts.env.ConfigException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * Which installation of Rejoin the database belongs to. An installation is known by the id that Kafka gave its topic
 * {@code rejoin.events}: no two topics have the same one, while clusters often do.
 */
public final class Installation {
    private static final String CLAIM = "INSERT INTO installation (events_topic) VALUES (?) ON CONFLICT DO NOTHING";
    private static final String OWNER = "SELECT events_topic FROM installation";
    /** Whoever writes asks for its own topic in the statement that moves a position: see {@link #check}. */
    private static final String ADOPT = "UPDATE installation SET events_topic = ?";

    private final Database database;

    public Installation(Database database) {
        this.database = database;
    }

    /** The topic the database belongs to: that one, if none has claimed it yet. Of many that claim at once, one succeeds. */
    public String claim(String topicId) {
        try (var connection = database.writes()) {
            write(connection, CLAIM, topicId);
            var owner = owner(connection);
            connection.commit();
            return owner;
        } catch (SQLException e) {
            throw SqlErrors.explainPositions("ask which installation the database belongs to", e);
        }
    }

    /** Gives the database to another topic: an operator has said that it goes on with that one. */
    public void adopt(String topicId) {
        try (var connection = database.writes()) {
            write(connection, ADOPT, topicId);
            connection.commit();
        } catch (SQLException e) {
            throw SqlErrors.explainPositions("give the database to another installation", e);
        }
    }

    /**
     * Finds out, in the transaction of a write that changed nothing, whether that was because the database is another
     * installation's by now.
     *
     * @throws ConfigException if it is: whoever writes for the topic must end
     */
    static void check(Connection connection, String topicId) throws SQLException {
        var owner = owner(connection);
        if (!owner.equals(topicId))
            throw new ConfigException("the database (HISTORY_JDBC_URL) was given to another installation while this one"
                    + " ran: to the topic rejoin.events with the id " + owner
                    + ", while that of KAFKA_BOOTSTRAP_SERVERS"
                    + " has the id " + topicId + ". Nothing more of this one is stored there. Stop it, or give it a"
                    + " database of its own");
    }

    private static String owner(Connection connection) throws SQLException {
        try (var statement = connection.createStatement(); var row = statement.executeQuery(OWNER)) {
            row.next();
            return row.getString(1);
        }
    }

    private static void write(Connection connection, String sql, String topicId) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, topicId);
            statement.executeUpdate();
        }
    }
}
