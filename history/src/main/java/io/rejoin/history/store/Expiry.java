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
    static final int ROOMS = 1_000;
    /** Messages in one transaction; up to one more for each room. */
    static final int MESSAGES = 4_000;
    /** Rooms in one step of the sweep over all rooms. */
    private static final int SWEPT = 500;
    /** The most checks of a room within the time that its messages are kept. */
    private static final int LOOKS = 20;
    private static final Duration LONGEST_BETWEEN = Duration.ofHours(1);

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

    private static final String REMEMBER = """
            UPDATE room_age a SET rules = ?, due = d.due, epoch = d.epoch, seq = d.seq
            FROM unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[]) AS d (room, due, epoch, seq)
            WHERE a.room = d.room""";

    /**
     * Walks along the key from one room to the next. The cost depends on the number of rooms, not on their messages.
     */
    private static final String SWEEP = """
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

    private static final String NEXT = """
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

    /** The result of a step. */
    public sealed interface Step {
        /**
         * Some rooms were checked.
         *
         * @param messages number of deleted messages
         * @param isLast   whether nothing more is due now
         */
        record Done(int messages, boolean isLast) implements Step {}

        /** Another instance is working. */
        record Busy() implements Step {}

        /** An instance that started later has set other rules. */
        record Replaced() implements Step {}
    }

    /**
     * The room that is due next.
     *
     * @param now    time of the database, milliseconds since the epoch
     * @param behind how long the room has been due; zero if it is not due yet
     * @param oldest age of the room's oldest message; null when the room has no message
     */
    public record Next(long now, Duration behind, @Nullable Duration oldest) {}

    /** A room that may have expired messages. Its messages up to {@code gone} are already deleted. */
    record Candidate(RoomId room, Head gone) {}

    /** The place and the log time of a message. */
    record Aged(Head place, long ts) {}

    /** The decision for a room: its messages up to {@code gone} are deleted, and it is checked again at {@code due}. */
    record Verdict(Candidate candidate, Head gone, long due) {
        boolean deletes() {
            return gone.compareTo(candidate.gone()) > 0;
        }
    }

    /**
     * Deletes the expired messages of some rooms that are due.
     *
     * @throws StoreException.Unavailable if PostgreSQL does not answer; the next step finds the same messages again
     */
    public Step step() {
        try (var connection = database.upkeep()) {
            var now = lock(connection);
            if (now == null) return new Step.Busy();
            if (!rules.areCurrent(connection)) return new Step.Replaced();
            var candidates = candidates(connection, now);
            if (candidates.isEmpty()) return new Step.Done(0, true);
            var share = 1 + MESSAGES / candidates.size();
            var oldest = oldest(connection, candidates, share);
            var verdicts = new ArrayList<Verdict>();
            for (var i = 0; i < candidates.size(); i++)
                verdicts.add(verdict(candidates.get(i), oldest.get(i), share, now));
            var deleted = delete(connection, verdicts.stream().filter(Verdict::deletes).toList());
            remember(connection, verdicts);
            connection.commit();
            return new Step.Done(deleted, false);
        } catch (SQLException e) {
            throw SqlErrors.explainPositions("delete old messages", e);
        }
    }

    /** Takes the lock and returns the time of the database; null if another instance is working. */
    private static @Nullable Long lock(Connection connection) throws SQLException {
        try (var statement = connection.createStatement(); var row = statement.executeQuery(LOCK)) {
            row.next();
            return row.getBoolean(1) ? row.getLong(2) : null;
        }
    }

    private List<Candidate> candidates(Connection connection, long now) throws SQLException {
        try (var select = connection.prepareStatement(DUE)) {
            select.setInt(1, rules.number());
            select.setLong(2, now);
            select.setInt(3, ROOMS / 2);
            select.setInt(4, rules.number());
            select.setInt(5, ROOMS / 2);
            var candidates = new ArrayList<Candidate>();
            try (var row = select.executeQuery()) {
                while (row.next())
                    candidates.add(new Candidate(RoomId.of(row.getString("room")), place(row)));
            }
            return candidates;
        }
    }

    private static Head place(ResultSet row) throws SQLException {
        return new Head(row.getLong("epoch"), row.getLong("seq"));
    }

    private static List<List<Aged>> oldest(Connection connection, List<Candidate> candidates, int share)
            throws SQLException {
        var oldest = new ArrayList<List<Aged>>();
        for (var _ : candidates) oldest.add(new ArrayList<>());
        try (var select = connection.prepareStatement(OLDEST)) {
            array(select, 1, "text", candidates, each -> each.room().key());
            array(select, 2, "int8", candidates, each -> each.gone().epoch());
            array(select, 3, "int8", candidates, each -> each.gone().seq());
            select.setInt(4, share);
            try (var row = select.executeQuery()) {
                while (row.next())
                    oldest.get(row.getInt("place") - 1).add(new Aged(place(row), row.getLong("ts")));
            }
        }
        return oldest;
    }

    private Verdict verdict(Candidate candidate, List<Aged> oldest, int asked, long now) {
        return verdict(rules.retention(), candidate, oldest, oldest.size() == asked, now);
    }

    /**
     * Decides for a room. Messages are deleted from the oldest on, up to the first message that is too young. An
     * expired message behind a younger one stays; a step of the broker's clock can cause that.
     *
     * @param oldest  the first messages of the room
     * @param hasMore whether the room may have more messages
     */
    static Verdict verdict(Retention retention, Candidate candidate, List<Aged> oldest, boolean hasMore, long now) {
        var kept = retention.of(candidate.room());
        if (kept == null) return new Verdict(candidate, candidate.gone(), Retention.NEVER);
        var gone = candidate.gone();
        for (var each : oldest) {
            var due = each.ts() + kept.toMillis();
            if (due > now) return new Verdict(candidate, gone, Math.max(due, now + between(kept)));
            gone = each.place();
        }
        // A message for an empty room is not older than now, or its expiry is late by history's own delay
        return new Verdict(candidate, gone, hasMore ? now : now + kept.toMillis());
    }

    /** The least time between two checks of a room, so that a busy room is not checked for each message. */
    private static long between(Duration kept) {
        return Math.min(kept.toMillis() / LOOKS, LONGEST_BETWEEN.toMillis());
    }

    private static int delete(Connection connection, List<Verdict> verdicts) throws SQLException {
        if (verdicts.isEmpty()) return 0;
        try (var delete = connection.prepareStatement(DELETE)) {
            array(delete, 1, "text", verdicts, each -> each.candidate().room().key());
            array(delete, 2, "int8", verdicts, each -> each.candidate().gone().epoch());
            array(delete, 3, "int8", verdicts, each -> each.candidate().gone().seq());
            array(delete, 4, "int8", verdicts, each -> each.gone().epoch());
            array(delete, 5, "int8", verdicts, each -> each.gone().seq());
            return delete.executeUpdate();
        }
    }

    /**
     * Stores the decisions. This is the last statement before the commit, because from here on the ingest must wait if
     * it writes into one of these rooms.
     */
    private void remember(Connection connection, List<Verdict> verdicts) throws SQLException {
        try (var update = connection.prepareStatement(REMEMBER)) {
            update.setInt(1, rules.number());
            array(update, 2, "text", verdicts, each -> each.candidate().room().key());
            array(update, 3, "int8", verdicts, Verdict::due);
            array(update, 4, "int8", verdicts, each -> each.gone().epoch());
            array(update, 5, "int8", verdicts, each -> each.gone().seq());
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
    public @Nullable String sweep(String after) {
        try (var connection = database.upkeep(); var statement = connection.prepareStatement(SWEEP)) {
            statement.setString(1, after);
            statement.setInt(2, SWEPT);
            String last = null;
            try (var row = statement.executeQuery()) {
                if (row.next() && row.getInt(2) == SWEPT) last = row.getString(1);
            }
            connection.commit();
            return last;
        } catch (SQLException e) {
            throw SqlErrors.explainPositions("look for rooms without a row in room_age", e);
        }
    }

    /** The room that is due next; null if no room will ever be due. */
    public @Nullable Next next() {
        try (var connection = database.upkeep(); var select = connection.prepareStatement(NEXT)) {
            select.setInt(1, rules.number());
            select.setLong(2, Retention.NEVER);
            try (var row = select.executeQuery()) {
                if (!row.next()) return null;
                var now = row.getLong("now");
                var oldest = row.getObject("oldest", Long.class);
                return new Next(now, Duration.ofMillis(Math.max(0, now - row.getLong("due"))),
                        oldest == null ? null : Duration.ofMillis(Math.max(0, now - oldest)));
            }
        } catch (SQLException e) {
            throw SqlErrors.explainPositions("read which room is due next", e);
        }
    }

    private static <T> void array(PreparedStatement statement, int index, String type, List<T> from,
            Function<T, Object> column) throws SQLException {
        statement.setArray(index,
                statement.getConnection().createArrayOf(type, from.stream().map(column).toArray()));
    }
}
