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
 * Deletes messages that were kept long enough: of each room the oldest, so that what is left of it has no hole. In small
 * transactions, one at a time over all instances; it never waits for a lock that the ingest holds, and the ingest for its own
 * no longer than the last statement of one takes. The database's clock counts, since it is one for all instances.
 */
public final class Expiry {
    /** Rooms in one transaction. */
    static final int ROOMS = 1_000;
    /** Messages in one transaction, and one more for each room. */
    static final int MESSAGES = 4_000;
    /** Rooms in one step through all there are. */
    private static final int SWEPT = 500;
    /** A room is looked at so often at most, in the time that its messages are kept. */
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

    /** From room to room: as many steps along the key as there are rooms, whatever they hold. */
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

    /** How a step went. */
    public sealed interface Step {
        /**
         * Done.
         *
         * @param messages that were deleted
         * @param isLast   whether nothing more is due now
         */
        record Done(int messages, boolean isLast) implements Step {}

        /** Another instance does the work at this moment. */
        record Busy() implements Step {}

        /** An instance that started later has other rules. */
        record Replaced() implements Step {}
    }

    /**
     * What is due next.
     *
     * @param now    of the database, milliseconds since the epoch
     * @param behind how long it has been due; zero if it is not yet
     * @param oldest the age of the room's oldest message; null when it has none
     */
    public record Next(long now, Duration behind, @Nullable Duration oldest) {}

    /** A room that may hold messages to be deleted, all up to {@code gone} being so already. */
    record Candidate(RoomId room, Head gone) {}

    /** A message, by its place and its time. */
    record Aged(Head place, long ts) {}

    /** What becomes of a room: its messages up to {@code gone} are deleted, and it is looked at again when it is {@code due}. */
    record Verdict(Candidate candidate, Head gone, long due) {
        boolean deletes() {
            return gone.compareTo(candidate.gone()) > 0;
        }
    }

    /**
     * Deletes what is due of some rooms.
     *
     * @throws StoreException.Unavailable if PostgreSQL does not answer: nothing is lost, the next step finds the same
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

    /** The time, if nobody else works. */
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
     * What is to be done with a room. Its messages are deleted from the oldest on, and the first one that is young enough
     * ends that. So an older one behind it stays, which a broker's clock may have made.
     *
     * @param oldest  messages that it holds, the first ones
     * @param hasMore whether there may be others behind them
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
        // What comes into an empty room is not older than now, or else late by what history was behind
        return new Verdict(candidate, gone, hasMore ? now : now + kept.toMillis());
    }

    /** So that a busy room is not looked at for each of its messages. */
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

    /** The last statement before the commit: only from here on the ingest may have to wait, if it writes into such a room. */
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
     * Notes rooms that nobody has noted: their messages came before there were rules, or from an instance without.
     *
     * @param after the last room of the step before; empty for the first
     * @return the last room of this step; null when there are no more
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
            throw SqlErrors.explainPositions("look for rooms", e);
        }
    }

    /** What is due next; null when nothing ever is. */
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
            throw SqlErrors.explainPositions("ask what is due", e);
        }
    }

    private static <T> void array(PreparedStatement statement, int index, String type, List<T> from,
            Function<T, Object> column) throws SQLException {
        statement.setArray(index,
                statement.getConnection().createArrayOf(type, from.stream().map(column).toArray()));
    }
}
