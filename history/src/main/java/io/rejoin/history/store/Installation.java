package io.rejoin.history.store;

import java.sql.Connection;
import java.sql.SQLException;

/**
 * Which installation of Rejoin the database belongs to. An installation is known by the id that Kafka gave its topic
 * {@code rejoin.events}: no two topics have the same one, while clusters often do.
 */
public final class Installation {
    private static final String CLAIM = "INSERT INTO installation (events_topic) VALUES (?) ON CONFLICT DO NOTHING";
    private static final String OWNER = "SELECT events_topic FROM installation";
    private static final String ADOPT = "UPDATE installation SET events_topic = ?";

    private final Database database;

    public Installation(Database database) {
        this.database = database;
    }

    /** The topic the database belongs to: that one, if none has claimed it yet. Of many that claim at once, one succeeds. */
    public String claim(String topicId) {
        try (var connection = database.writes()) {
            write(connection, CLAIM, topicId);
            try (var statement = connection.createStatement(); var row = statement.executeQuery(OWNER)) {
                row.next();
                var owner = row.getString(1);
                connection.commit();
                return owner;
            }
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

    private static void write(Connection connection, String sql, String topicId) throws SQLException {
        try (var statement = connection.prepareStatement(sql)) {
            statement.setString(1, topicId);
            statement.executeUpdate();
        }
    }
}
