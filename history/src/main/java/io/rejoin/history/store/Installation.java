package io.rejoin.history.store;

import io.rejoin.contracts.env.ConfigException;
import java.sql.Connection;
import java.sql.SQLException;

/**
 * The installation of Rejoin that owns the database. An installation is identified by the id that Kafka gave its topic
 * {@code rejoin.events}. Topic ids are unique, while cluster ids are often equal.
 */
public final class Installation {
    private static final String CLAIM = "INSERT INTO installation (events_topic) VALUES (?) ON CONFLICT DO NOTHING";
    private static final String OWNER = "SELECT events_topic FROM installation";
    /**
     * Writers compare the owner with their own topic in the statement that moves a position. So they stop at once when
     * the owner changes: see {@link #checkOwner}.
     */
    private static final String ADOPT = "UPDATE installation SET events_topic = ?";

    private final Database database;

    public Installation(Database database) {
        this.database = database;
    }

    /**
     * Returns the topic that owns the database. If the database has no owner, the given topic becomes the owner. Of
     * concurrent claims, one succeeds.
     */
    public String claim(String topicId) {
        try (var connection = database.beginWrite()) {
            write(connection, CLAIM, topicId);
            var owner = owner(connection);
            connection.commit();
            return owner;
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("read which installation the database belongs to", e);
        }
    }

    /** Makes another topic the owner of the database. The operator must have asked for that. */
    public void adopt(String topicId) {
        try (var connection = database.beginWrite()) {
            write(connection, ADOPT, topicId);
            connection.commit();
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("assign the database to another installation", e);
        }
    }

    /**
     * Checks the owner in the transaction of a write that changed nothing.
     *
     * @throws ConfigException if another installation owns the database by now; the caller's service must end
     */
    static void checkOwner(Connection connection, String topicId) throws SQLException {
        var owner = owner(connection);
        if (!owner.equals(topicId))
            throw new ConfigException("the database (HISTORY_JDBC_URL) was assigned to another installation while"
                    + " history was running: to the topic rejoin.events with the id " + owner
                    + ", but the topic of KAFKA_BOOTSTRAP_SERVERS"
                    + " has the id " + topicId + ". History stores nothing more there. Stop history, or give it"
                    + " another database");
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
