package io.rejoin.history.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.InstanceOfAssertFactories.type;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.RoomPattern;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.Expiry.BatchResult;
import io.rejoin.history.store.PageRequest.Range;
import io.rejoin.servers.Postgres;
import io.rejoin.servers.Servers;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Deletion by retention, and the reads afterwards. Old messages have timestamps of 1970, young ones of now. */
class ExpiryIT {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final RoomId ARCHIVE = new RoomId("default", "archive");
    private static final Retention DAY = new Retention(
            List.of(new Retention.RoomClass(null, new RoomPattern("archive"), null)), Duration.ofDays(1));

    private static Postgres postgres;
    private static Database database;

    private static MessageReader reader;

    private RetentionRules rules = new RetentionRules(DAY, 0);
    private Position position = new Position("topic", 1, 0, null);

    @BeforeAll
    static void start() {
        postgres = Servers.database();
        database = new Database(Database.Access.of(postgres.jdbcUrl(), postgres.user(), postgres.password()), 4,
                new SimpleMeterRegistry());
        database.migrate();
        reader = new MessageReader(database);
        new Installation(database).claim("topic");
    }

    @BeforeEach
    void clearTables() throws SQLException {
        sql("TRUNCATE message, room_age, retention, ingest_position");
        rules = RetentionRules.store(database, DAY);
        assertThat(new PositionStore(database).move(null, position)).isTrue();
    }

    @AfterAll
    static void stop() {
        database.close();
        postgres.close();
    }

    private static void sql(String statement) throws SQLException {
        try (var connection = database.beginWrite(); var sql = connection.createStatement()) {
            sql.execute(statement);
            connection.commit();
        }
    }

    private static long query(String statement) {
        try (var connection = database.beginWrite();
                var sql = connection.createStatement();
                var row = sql.executeQuery(statement)) {
            row.next();
            return row.getLong(1);
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    private static List<MessageRow> rows(RoomId room, long epoch, long from, long to, long ts) {
        return LongStream.rangeClosed(from, to).mapToObj(seq -> {
            var row = Messages.row(room, epoch, seq);
            var old = row.message();
            return new MessageRow(room, epoch, new StoredMessage(seq, old.user(), old.id(), old.content(), ts),
                    row.content());
        }).toList();
    }

    private static List<MessageRow> old(RoomId room, long from, long to) {
        return rows(room, 1, from, to, 1_000);
    }

    private static List<MessageRow> young(RoomId room, long from, long to) {
        return rows(room, 1, from, to, query("SELECT (extract(epoch FROM now()) * 1000)::bigint"));
    }

    private Append.Outcome append(RetentionRules rulesOfWriter, List<MessageRow> rows, List<MessageRow> repetitions) {
        var after = position.advancedTo(position.nextOffset() + 1, null);
        var outcome = new MessageStore(database, rulesOfWriter)
                .append(List.of(new Append(position, after, rows, repetitions)));
        position = after;
        return outcome;
    }

    private void append(List<MessageRow> rows) {
        append(rules, rows, List.of());
    }

    /** Deletes all batches. Returns the number of deleted messages. */
    private static int deleteExpired(RetentionRules rules) {
        var expiry = new Expiry(database, rules);
        for (var deleted = 0;;) {
            if (!(expiry.deleteNextBatch() instanceof BatchResult.Done(var messages, var isLast)))
                throw new AssertionError();
            if (isLast) return deleted;
            deleted += messages;
        }
    }

    private ReplayPage pageAfter(RoomId room, long after) {
        return reader.page(new PageRequest(room, 1L, new Range.Forward(after, 1_000), 500));
    }

    @Test
    void expiredMessagesAreDeletedWithoutAHole() {
        append(old(LOBBY, 1, 30));
        append(young(LOBBY, 31, 40));
        append(old(ARCHIVE, 1, 30));

        assertThat(deleteExpired(rules)).isEqualTo(30);

        assertThat(pageAfter(LOBBY, 0).messages()).extracting(StoredMessage::seq)
                .isEqualTo(LongStream.rangeClosed(31, 40).boxed().toList());
        assertThat(pageAfter(ARCHIVE, 0).messages()).hasSize(30);
        assertThat(deleteExpired(rules)).isZero();
    }

    @Test
    void aRoomWithoutMessagesKeepsItsLastSeq() {
        append(old(LOBBY, 1, 30));
        deleteExpired(rules);

        assertThat(pageAfter(LOBBY, 20)).isEqualTo(new ReplayPage(LOBBY, 1, 30, List.of(), null));
        assertThat(reader.page(new PageRequest(LOBBY, null, new Range.Backward(1_000), 10)).head()).isEqualTo(30);
        assertThat(reader.page(new PageRequest(LOBBY, 2L, new Range.Forward(0, 10), 10)).head()).isZero();
        assertThat(reader.heads(List.of(LOBBY))).isEqualTo(Map.of(LOBBY, new Head(1, 30)));

        append(young(LOBBY, 31, 31));
        assertThat(reader.heads(List.of(LOBBY))).isEqualTo(Map.of(LOBBY, new Head(1, 31)));
        assertThat(pageAfter(LOBBY, 20).messages()).hasSize(1);
    }

    @Test
    void deletedMessagesAreNotStoredAgain() {
        append(old(LOBBY, 1, 30));
        deleteExpired(rules);

        assertThat(append(rules, old(LOBBY, 1, 30), List.of())).isInstanceOf(Append.Outcome.Stored.class);
        assertThat(append(rules, List.of(), old(LOBBY, 25, 31))).asInstanceOf(type(Append.Outcome.Stored.class))
                .extracting(Append.Outcome.Stored::revived).isEqualTo(1);

        assertThat(pageAfter(LOBBY, 0).messages()).extracting(StoredMessage::seq).containsExactly(31L);
    }

    @Test
    void manyRoomsAndMessagesAreDeletedInSmallBatches() {
        var rows = new ArrayList<MessageRow>();
        for (var n = 0; n < 3 * Expiry.ROOMS_PER_BATCH; n++) rows.addAll(old(new RoomId("default", "room-" + n), 1, 2));
        rows.addAll(old(LOBBY, 1, 3L * Expiry.MESSAGES_PER_BATCH));
        append(rows);
        var expiry = new Expiry(database, rules);
        var deleted = new ArrayList<Integer>();

        while (expiry.deleteNextBatch() instanceof BatchResult.Done(var messages, var isLast) && !isLast)
            deleted.add(messages);

        assertThat(deleted).allMatch(each -> each <= Expiry.MESSAGES_PER_BATCH + Expiry.ROOMS_PER_BATCH)
                .hasSizeGreaterThan(6);
        assertThat(query("SELECT count(*) FROM message")).isZero();
    }

    @Test
    void roomsWithoutARetentionRowAreFound() {
        var forever = new RetentionRules(Retention.FOREVER, 1);
        IntStream.range(0, 1_200).forEach(n -> append(forever, old(new RoomId("default", "r" + n), 1, 3), List.of()));
        assertThat(query("SELECT count(*) FROM room_age")).isZero();
        var expiry = new Expiry(database, rules);

        var after = "";
        var steps = 0;
        for (String last = after; last != null; last = expiry.addMissingRooms(last)) steps++;

        assertThat(steps).isEqualTo(3);
        assertThat(deleteExpired(rules)).isEqualTo(3_600);
    }

    @Test
    void newRulesApplyToExistingRooms() {
        append(old(LOBBY, 1, 3));
        append(old(ARCHIVE, 1, 3));
        deleteExpired(rules);
        append(young(LOBBY, 4, 4));
        var next = RetentionRules.store(database, new Retention(List.of(), Duration.ofDays(1)));

        assertThat(next.number()).isEqualTo(rules.number() + 1);
        assertThat(new Expiry(database, rules).deleteNextBatch()).isEqualTo(new BatchResult.Replaced());
        assertThat(deleteExpired(next)).isEqualTo(3);
        assertThat(pageAfter(ARCHIVE, 0).messages()).isEmpty();
        assertThat(pageAfter(LOBBY, 0).messages()).hasSize(1);
        assertThat(RetentionRules.store(database, new Retention(List.of(), Duration.ofDays(1)))).isEqualTo(next);
    }

    @Test
    void onlyOneInstanceDeletesAtATime() throws SQLException {
        append(old(LOBBY, 1, 3));
        try (var other = database.beginWrite(); var lock = other.createStatement()) {
            lock.execute("SELECT pg_advisory_xact_lock('room_age'::regclass::oid::bigint)");

            assertThat(new Expiry(database, rules).deleteNextBatch()).isEqualTo(new BatchResult.Busy());
        }
        assertThat(deleteExpired(rules)).isEqualTo(3);
    }

    @Test
    void nextDueReportsTheOverdueTime() {
        var expiry = new Expiry(database, rules);
        assertThat(expiry.nextDue()).isNull();
        append(old(LOBBY, 1, 3));
        var due = Objects.requireNonNull(expiry.nextDue());
        assertThat(due.overdue()).isGreaterThan(Duration.ofDays(10_000));
        assertThat(due.oldest()).isEqualTo(due.overdue().plusDays(1));

        deleteExpired(rules);
        append(young(LOBBY, 4, 4));

        assertThat(Objects.requireNonNull(expiry.nextDue()).overdue()).isZero();
        assertThat(Objects.requireNonNull(expiry.nextDue()).oldest()).isLessThan(Duration.ofMinutes(1));
    }

    /** Checks the plan: with few rows, a full scan is fast in a test, but not with a large table. */
    @Test
    void theDeletionUsesThePrimaryKey() throws SQLException {
        append(old(LOBBY, 1, 3));
        try (var connection = database.beginUpkeep();
                var explain = connection.createStatement();
                var row = explain.executeQuery("EXPLAIN (ANALYZE, COSTS off) " + Expiry.DELETE
                        .replace("unnest(?::text[], ?::bigint[], ?::bigint[], ?::bigint[], ?::bigint[])",
                                "unnest('{default/lobby}'::text[], '{0}'::bigint[], '{0}'::bigint[], '{1}'::bigint[],"
                                        + " '{3}'::bigint[])"))) {
            var plan = new ArrayList<String>();
            while (row.next()) plan.add(row.getString(1));
            assertThat(plan).noneMatch(line -> line.contains("Seq Scan"));
            assertThat(plan.stream().filter(line -> line.contains("never executed"))).hasSize(15);
        }
    }
}
