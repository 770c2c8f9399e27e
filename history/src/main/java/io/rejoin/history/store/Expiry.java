package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Deletes expired messages. In each room it deletes the oldest first, so that the remaining messages have no hole. It
 * works in small transactions, and only one instance works at a time. It never waits for a lock of the ingest. The
 * ingest waits for its locks at most for the last statement of a transaction. All times come from the database's clock,
 * because all instances share that clock.
 */
public final class Expiry {
    /** Rooms in one transaction. */
    static final int ROOMS_PER_BATCH = 1_000;
    /** Messages in one transaction; up to one more for each room. */
    static final int MESSAGES_PER_BATCH = 4_000;
    /** Rooms in one step of the scan over all rooms. */
    private static final int ROOMS_PER_SCAN = 500;
    /** The most checks of a room within the time that its messages are kept. */
    private static final int MAX_CHECKS = 20;
    private static final Duration MAX_CHECK_INTERVAL = Duration.ofHours(1);

    private static final String LOCK = """
            SELECT pg_try_advisory_xact_lock('room_age'::regclass::oid::bigint),
                (extract(epoch FROM clock_timestamp()) * 1000)::bigint""";

    private static final String DUE = """
            (SELECT room, epoch, seq FROM room_age WHERE rules = ? AND due <= ? ORDER BY due LIMIT ?)
            UNION ALL
            (SELECT room, epoch, seq FROM room_age WHERE rules < ? LIMIT ?)""";

    private static final String OLDEST = """
            SELECT d.place, m.epoch, m.seq, m.ts
            FROM unnest(?::text[], ?::bigint[], ?::bigint[]) WITH ORDINALITY AS d (room, epoch, seq, place)
            CROSS JOIN LATERAL (SELECT epoch, seq, ts FROM message m
                WHERE m.room = d.room AND (m.epoch, m.seq) > (d.epoch, d.seq) ORDER BY epoch, seq LIMIT ?) m
            ORDER BY d.place, m.epoch, m.seq""";

    static final String DELETE = """
            DELETE FROM message m
            USING unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])
                AS d (room, after_epoch, after_seq, epoch, seq)
            WHERE m.room = d.room AND (m.epoch, m.seq) > (d.after_epoch, d.after_seq)
                AND (m.epoch, m.seq) <= (d.epoch, d.seq)""";

    private static final String STORE_DECISIONS = """
            UPDATE room_age a SET rules = ?, due = d.due, epoch = d.epoch, seq = d.seq
            FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[]) AS d (room, due, epoch, seq)
            WHERE a.room = d.room""";

    /**
     * Walks along the key from one room to the next. The cost depends on the number of rooms, not on their messages.
     */
    private static final String ADD_MISSING_ROOMS = """
            WITH RECURSIVE rooms AS (
                (SELECT room, 1 AS place FROM message WHERE room > ? ORDER BY room LIMIT 1)
                UNION ALL
                SELECT (SELECT m.room FROM message m WHERE m.room > r.room ORDER BY m.room LIMIT 1), r.place + 1
                FROM rooms r WHERE r.room IS NOT NULL AND r.place < ?
            ), noted AS (
                INSERT INTO room_age (room, rules, due) SELECT room, 0, 0 FROM rooms WHERE room IS NOT NULL ORDER BY room
                ON CONFLICT (room) DO NOTHING
            )
            SELECT max(room), count(room) FROM rooms""";

    private static final String NEXT_DUE = """
            SELECT a.due, (extract(epoch FROM clock_timestamp()) * 1000)::bigint AS now,
                (SELECT m.ts FROM message m WHERE m.room = a.room AND (m.epoch, m.seq) > (a.epoch, a.seq)
                    ORDER BY m.epoch, m.seq LIMIT 1) AS oldest
            FROM room_age a WHERE a.rules = ? AND a.due < ? ORDER BY a.due LIMIT 1""";

    private final Database database;
    private final RetentionRules rules;

    public Expiry(Database database, RetentionRules rules) {
        this.database = database;
        this.rules = rules;
    }

    /** The result of a batch. */
    public sealed interface BatchResult {
        /**
         * Some rooms were checked.
         *
         * @param messages number of deleted messages
         * @param isLast   whether nothing more is due now
         */
        record Done(int messages, boolean isLast) implements BatchResult {}

        /** Another instance is working. */
        record Busy() implements BatchResult {}

        /** An instance that started later has set other rules. */
        record Replaced() implements BatchResult {}
    }

    /**
     * The room that is due next.
     *
     * @param now     time of the database, milliseconds since the epoch
     * @param overdue how long the room has been due; zero if it is not due yet
     * @param oldest  age of the room's oldest message; null when the room has no message
     */
    public record NextDue(long now, Duration overdue, @Nullable Duration oldest) {}

    /** A room that may have expired messages. Its messages up to {@code lastDeleted} are already deleted. */
    record Candidate(RoomId room, Head lastDeleted) {}

    /** The epoch, seq and log time of a message. */
    record TimedMessage(Head head, long ts) {}

    /**
     * The decision for a room: its messages up to {@code lastDeleted} are deleted, and it is checked again at
     * {@code due}.
     */
    record Decision(Candidate candidate, Head lastDeleted, long due) {
        boolean hasDeletions() {
            return lastDeleted.compareTo(candidate.lastDeleted()) > 0;
        }
    }

    /**
     * Deletes the expired messages of some rooms that are due.
     *
     * @throws StoreException.Unavailable if PostgreSQL does not answer; the next batch finds the same messages again
     */
    public BatchResult deleteNextBatch() {
        try (var connection = database.beginUpkeep()) {
            var now = lockAndReadTime(connection);
            if (now == null) return new BatchResult.Busy();
            if (!rules.areCurrent(connection)) return new BatchResult.Replaced();
            var candidates = readCandidates(connection, now);
            if (candidates.isEmpty()) return new BatchResult.Done(0, true);
            var messagesPerRoom = 1 + MESSAGES_PER_BATCH / candidates.size();
            var oldest = readOldest(connection, candidates, messagesPerRoom);
            var decisions = new ArrayList<Decision>();
            for (var i = 0; i < candidates.size(); i++)
                decisions.add(decide(candidates.get(i), oldest.get(i), messagesPerRoom, now));
            var deleted = delete(connection, decisions.stream().filter(Decision::hasDeletions).toList());
            storeDecisions(connection, decisions);
            connection.commit();
            return new BatchResult.Done(deleted, false);
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("delete old messages", e);
        }
    }

    /** Takes the lock and returns the time of the database; null if another instance is working. */
    private static @Nullable Long lockAndReadTime(Connection connection) throws SQLException {
        try (var statement = connection.createStatement(); var row = statement.executeQuery(LOCK)) {
            row.next();
            return row.getBoolean(1) ? row.getLong(2) : null;
        }
    }

    private List<Candidate> readCandidates(Connection connection, long now) throws SQLException {
        try (var select = connection.prepareStatement(DUE)) {
            select.setInt(1, rules.number());
            select.setLong(2, now);
            select.setInt(3, ROOMS_PER_BATCH / 2);
            select.setInt(4, rules.number());
            select.setInt(5, ROOMS_PER_BATCH / 2);
            var candidates = new ArrayList<Candidate>();
            try (var row = select.executeQuery()) {
                while (row.next())
                    candidates.add(new Candidate(RoomId.of(row.getString("room")), head(row)));
            }
            return candidates;
        }
    }

    private static Head head(ResultSet row) throws SQLException {
        return new Head(row.getLong("epoch"), row.getLong("seq"));
    }

    private static List<List<TimedMessage>> readOldest(Connection connection, List<Candidate> candidates,
            int messagesPerRoom) throws SQLException {
        var oldest = new ArrayList<List<TimedMessage>>();
        for (var _ : candidates) oldest.add(new ArrayList<>());
        try (var select = connection.prepareStatement(OLDEST)) {
            bindArray(select, 1, "text", candidates, each -> each.room().key());
            bindArray(select, 2, "int8", candidates, each -> each.lastDeleted().epoch());
            bindArray(select, 3, "int8", candidates, each -> each.lastDeleted().seq());
            select.setInt(4, messagesPerRoom);
            try (var row = select.executeQuery()) {
                while (row.next())
                    oldest.get(row.getInt("place") - 1).add(new TimedMessage(head(row), row.getLong("ts")));
            }
        }
        return oldest;
    }

    private Decision decide(Candidate candidate, List<TimedMessage> oldest, int limit, long now) {
        return decide(rules.retention(), candidate, oldest, oldest.size() == limit, now);
    }

    /**
     * Decides for a room. Messages are deleted from the oldest on, up to the first message that is too young. An
     * expired message behind a younger one stays; a step of the broker's clock can cause that.
     *
     * @param oldest  the first messages of the room
     * @param hasMore whether the room may have more messages
     */
    static Decision decide(Retention retention, Candidate candidate, List<TimedMessage> oldest, boolean hasMore,
            long now) {
        var retentionTime = retention.retentionTime(candidate.room());
        if (retentionTime == null) return new Decision(candidate, candidate.lastDeleted(), Retention.NEVER_DUE);
        var lastDeleted = candidate.lastDeleted();
        for (var each : oldest) {
            var due = each.ts() + retentionTime.toMillis();
            if (due > now)
                return new Decision(candidate, lastDeleted, Math.max(due, now + checkInterval(retentionTime)));
            lastDeleted = each.head();
        }
        // A message for an empty room is not older than now, or its expiry is late by history's own delay
        return new Decision(candidate, lastDeleted, hasMore ? now : now + retentionTime.toMillis());
    }

    /** The least time between two checks of a room, so that a busy room is not checked for each message. */
    private static long checkInterval(Duration retentionTime) {
        return Math.min(retentionTime.toMillis() / MAX_CHECKS, MAX_CHECK_INTERVAL.toMillis());
    }

    private static int delete(Connection connection, List<Decision> decisions) throws SQLException {
        if (decisions.isEmpty()) return 0;
        try (var delete = connection.prepareStatement(DELETE)) {
            bindArray(delete, 1, "text", decisions, each -> each.candidate().room().key());
            bindArray(delete, 2, "int8", decisions, each -> each.candidate().lastDeleted().epoch());
            bindArray(delete, 3, "int8", decisions, each -> each.candidate().lastDeleted().seq());
            bindArray(delete, 4, "int8", decisions, each -> each.lastDeleted().epoch());
            bindArray(delete, 5, "int8", decisions, each -> each.lastDeleted().seq());
            return delete.executeUpdate();
        }
    }

    /**
     * Stores the decisions. This is the last statement before the commit, because from here on the ingest must wait if
     * it writes into one of these rooms.
     */
    private void storeDecisions(Connection connection, List<Decision> decisions) throws SQLException {
        try (var update = connection.prepareStatement(STORE_DECISIONS)) {
            update.setInt(1, rules.number());
            bindArray(update, 2, "text", decisions, each -> each.candidate().room().key());
            bindArray(update, 3, "int8", decisions, Decision::due);
            bindArray(update, 4, "int8", decisions, each -> each.lastDeleted().epoch());
            bindArray(update, 5, "int8", decisions, each -> each.lastDeleted().seq());
            update.executeUpdate();
        }
    }

    /**
     * Adds rooms without a row in {@code room_age}: their messages are older than the rules, or an instance without
     * rules stored them.
     *
     * @param after the last room of the step before; empty for the first step
     * @return the last room of this step; null when there are no more rooms
     */
    public @Nullable String addMissingRooms(String after) {
        try (var connection = database.beginUpkeep(); var statement = connection.prepareStatement(ADD_MISSING_ROOMS)) {
            statement.setString(1, after);
            statement.setInt(2, ROOMS_PER_SCAN);
            String last = null;
            try (var row = statement.executeQuery()) {
                if (row.next() && row.getInt(2) == ROOMS_PER_SCAN) last = row.getString(1);
            }
            connection.commit();
            return last;
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("look for rooms without a row in room_age", e);
        }
    }

    /** The room that is due next; null if no room will ever be due. */
    public @Nullable NextDue nextDue() {
        try (var connection = database.beginUpkeep(); var select = connection.prepareStatement(NEXT_DUE)) {
            select.setInt(1, rules.number());
            select.setLong(2, Retention.NEVER_DUE);
            try (var row = select.executeQuery()) {
                if (!row.next()) return null;
                var now = row.getLong("now");
                var oldest = row.getObject("oldest", Long.class);
                return new NextDue(now, Duration.ofMillis(Math.max(0, now - row.getLong("due"))),
                        oldest == null ? null : Duration.ofMillis(Math.max(0, now - oldest)));
            }
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("read which room is due next", e);
        }
    }

    private static <T> void bindArray(PreparedStatement statement, int index, String type, List<T> elements,
            Function<T, Object> column) throws SQLException {
        statement.setArray(index,
                statement.getConnection().createArrayOf(type, elements.stream().map(column).toArray()));
    }
}
