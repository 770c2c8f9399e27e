package io.rejoin.history.store;

import static io.rejoin.history.store.Messages.messages;
import static io.rejoin.history.store.Messages.rows;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.env.ConfigException;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.servers.Postgres;
import io.rejoin.servers.Servers;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Tests the transaction that stores rows and moves positions. Each test has its own partition and room. */
class MessageStoreIT {
    private static final AtomicInteger partitions = new AtomicInteger();

    private static Postgres postgres;
    private static Database database;
    private static Installation installation;
    private static MessageStore store;
    private static PositionStore positionStore;
    private static MessageReader reader;

    private final RoomId room = new RoomId("default", UUID.randomUUID().toString());
    private final int partition = partitions.incrementAndGet();
    private final Position begin = new Position("topic", partition, 0, null);

    @BeforeAll
    static void start() {
        postgres = Servers.database();
        database = new Database(Database.Access.of(postgres.jdbcUrl(), postgres.user(), postgres.password()), 4,
                new SimpleMeterRegistry());
        database.migrate();
        installation = new Installation(database);
        store = new MessageStore(database, new RetentionRules(Retention.FOREVER, 1));
        positionStore = new PositionStore(database);
        reader = new MessageReader(database);
    }

    @BeforeEach
    void claimInstallation() {
        installation.claim("topic");
        installation.adopt("topic");
    }

    @AfterAll
    static void stop() {
        database.close();
        postgres.close();
    }

    private Position positionAt(long offset) {
        return begin.advancedTo(offset, new Source(partition, offset, 1));
    }

    private List<StoredMessage> stored() {
        return reader.page(new PageRequest(room, null, new PageRequest.Range.Forward(0, 1_000), 500)).messages();
    }

    private static int revived(Append.Outcome outcome) {
        return switch (outcome) {
            case Append.Outcome.Stored(_, var revived, _, _) -> revived;
            case Append.Outcome.PositionMoved _ -> throw new AssertionError("displaced");
        };
    }

    @Test
    void rowsAndPositionAreStoredTogether() {
        assertThat(positionStore.move(null, begin)).isTrue();
        assertThat(positionStore.move(null, begin)).isFalse();

        var outcome = store.append(List.of(new Append(begin, positionAt(3), rows(room, 1, 1, 3), List.of())));

        assertThat(revived(outcome)).isZero();
        assertThat(stored()).isEqualTo(messages(1, 3));
        assertThat(positionStore.read(List.of(partition, 99))).isEqualTo(Map.of(partition, positionAt(3)));
    }

    @Test
    void aRepeatedMessageIsCountedOnlyIfItsContentDiffers() {
        assertThat(positionStore.move(null, begin)).isTrue();
        store.append(List.of(new Append(begin, positionAt(3), rows(room, 1, 1, 3), List.of())));
        var others = rows(room, 1, 2, 4).stream().map(
                row -> row.message().seq() == 3 ? new MessageRow(room, 1, row.message(), "{\"text\":\"other\"}") : row)
                .toList();

        var equal = new Append(positionAt(3), positionAt(5), rows(room, 1, 1, 5), List.of());
        assertThat(changed(store.append(List.of(equal)))).isZero();
        var oneDiffers = new Append(positionAt(5), positionAt(6), others, rows(room, 1, 1, 2));
        assertThat(changed(store.append(List.of(oneDiffers)))).isEqualTo(1);
        var oneRepetitionDiffers = new Append(positionAt(6), positionAt(7), List.of(), others);
        assertThat(changed(store.append(List.of(oneRepetitionDiffers)))).isEqualTo(1);
        assertThat(stored()).isEqualTo(messages(1, 5));
    }

    private static int changed(Append.Outcome outcome) {
        return switch (outcome) {
            case Append.Outcome.Stored(_, _, var changed, _) -> changed;
            case Append.Outcome.PositionMoved _ -> throw new AssertionError("displaced");
        };
    }

    @Test
    void aZombieThatReadFromAnOldPositionChangesNothing() {
        assertThat(positionStore.move(null, begin)).isTrue();
        store.append(List.of(new Append(begin, positionAt(3), rows(room, 1, 1, 3), List.of())));

        assertThat(store.append(List.of(new Append(begin, positionAt(9), rows(room, 1, 1, 9), List.of()))))
                .isEqualTo(new Append.Outcome.PositionMoved());
        assertThat(positionStore.move(begin, positionAt(0))).isFalse();
        assertThat(stored()).isEqualTo(messages(1, 3));
        assertThat(positionStore.read(List.of(partition))).isEqualTo(Map.of(partition, positionAt(3)));
    }

    @Test
    void ofConcurrentAppendsFromOnePositionOneSucceeds() throws Exception {
        assertThat(positionStore.move(null, begin)).isTrue();
        var outcomes = new ArrayList<Future<Append.Outcome>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var n = 1; n <= 8; n++) {
                var append = new Append(begin, positionAt(n), rows(room, 1, 1, n), List.of());
                outcomes.add(threads.submit(() -> store.append(List.of(append))));
            }
        }
        var stored = new ArrayList<Integer>();
        for (var n = 1; n <= 8; n++) {
            if (outcomes.get(n - 1).get() instanceof Append.Outcome.Stored) stored.add(n);
        }
        assertThat(stored).hasSize(1);
        assertThat(stored()).isEqualTo(messages(1, stored.getFirst()));
        assertThat(positionStore.read(List.of(partition))).isEqualTo(Map.of(partition, positionAt(stored.getFirst())));
    }

    /** Rows of different sizes: the first rows of a read say little about the size of the next ones. */
    private List<MessageRow> largeRows() {
        return LongStream.rangeClosed(1, 60).mapToObj(seq -> {
            var text = "\u20ac".repeat(seq % 10 == 0 ? 100_000 : seq > 30 ? 20_000 : 10);
            var message = new StoredMessage(seq, new UserId("default", "ann"), "id", Content.text(text), seq);
            return new MessageRow(room, 1, message, "{\"text\":\"" + text + "\"}");
        }).toList();
    }

    @Test
    void pagesOfLargeMessagesAreBoundedByBytesAndLeaveNothingOut() {
        assertThat(positionStore.move(null, begin)).isTrue();
        store.append(List.of(new Append(begin, positionAt(3), largeRows(), List.of())));

        var forward = new ArrayList<Long>();
        for (Long next = 0L; next != null;) {
            var page = reader.page(new PageRequest(room, null, new PageRequest.Range.Forward(next, 1_000), 500));
            assertBounded(page);
            page.messages().forEach(message -> forward.add(message.seq()));
            next = page.next();
        }
        var backward = new ArrayList<Long>();
        for (Long next = 1_000L; next != null;) {
            var page = reader.page(new PageRequest(room, null, new PageRequest.Range.Backward(next), 500));
            assertBounded(page);
            page.messages().reversed().forEach(message -> backward.add(message.seq()));
            next = page.next();
        }

        assertThat(forward).isEqualTo(LongStream.rangeClosed(1, 60).boxed().toList());
        assertThat(backward.reversed()).isEqualTo(forward);
    }

    private static void assertBounded(ReplayPage page) {
        assertThat(ReplayCodec.write(page).length).isLessThan(ReplayCodec.PAGE_BYTES + 10_000);
        assertThat(page.messages()).isNotEmpty();
        assertThat(page.head()).isEqualTo(60);
    }

    @Test
    void ofConcurrentClaimsOneSucceeds() throws Exception {
        sql("DELETE FROM installation");
        var owners = new ArrayList<Future<String>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var n = 1; n <= 8; n++) {
                var id = "topic-" + n;
                owners.add(threads.submit(() -> installation.claim(id)));
            }
        }
        var owner = owners.getFirst().get();
        for (var each : owners) assertThat(each.get()).isEqualTo(owner);
        assertThat(installation.claim("topic-9")).isEqualTo(owner);

        installation.adopt("topic-9");

        assertThat(installation.claim(owner)).isEqualTo("topic-9");
    }

    @Test
    void aReassignedDatabaseRefusesMovesAndAppends() {
        assertThat(positionStore.move(null, begin)).isTrue();
        store.append(List.of(new Append(begin, positionAt(3), rows(room, 1, 1, 3), List.of())));
        installation.adopt("other");
        var others = new Position("other", partition, 0, null);

        assertThatThrownBy(
                () -> store.append(List.of(new Append(positionAt(3), positionAt(6), rows(room, 1, 4, 6), List.of()))))
                .isInstanceOf(ConfigException.class).hasMessageContaining("other").hasMessageContaining("topic");
        assertThatThrownBy(() -> positionStore.move(positionAt(3), begin)).isInstanceOf(ConfigException.class);
        assertThat(positionStore.move(positionAt(3), others)).isTrue();
        assertThatThrownBy(() -> positionStore.move(others, begin)).isInstanceOf(ConfigException.class);
        var unread = new Position("topic", partitions.incrementAndGet(), 0, null);
        assertThatThrownBy(() -> positionStore.move(null, unread)).isInstanceOf(ConfigException.class);

        assertThat(positionStore.read(List.of(partition, unread.partition()))).isEqualTo(Map.of(partition, others));
        assertThat(stored()).isEqualTo(messages(1, 3));
    }

    @Test
    void aRepetitionThatWasNotStoredIsCounted() {
        assertThat(positionStore.move(null, begin)).isTrue();
        store.append(List.of(new Append(begin, positionAt(3), rows(room, 1, 1, 3), List.of())));

        assertThat(revived(
                store.append(List.of(new Append(positionAt(3), positionAt(6), List.of(), rows(room, 1, 2, 4))))))
                .isOne();
        assertThat(stored()).isEqualTo(messages(1, 4));
    }

    @Test
    void aRefusedRowRollsBackTheWholeBatch() {
        assertThat(positionStore.move(null, begin)).isTrue();
        var rows = new ArrayList<>(rows(room, 1, 1, 3));
        var bad = new StoredMessage(4, new UserId("default", "ann"), "a\u0000b", Content.text("x"), 1);
        rows.add(new MessageRow(room, 1, bad, "{\"text\":\"x\"}"));

        assertThatThrownBy(() -> store.append(List.of(new Append(begin, positionAt(4), rows, List.of()))))
                .isInstanceOf(StoreException.Refused.class);
        assertThat(stored()).isEmpty();
        assertThat(positionStore.read(List.of(partition))).isEqualTo(Map.of(partition, begin));
    }

    /** PostgreSQL fails like this when its transaction ids run out. */
    @Test
    void aFailureToMoveThePositionIsNotARefusal() throws SQLException {
        assertThat(positionStore.move(null, begin)).isTrue();
        sql("CREATE FUNCTION no_ids() RETURNS trigger LANGUAGE plpgsql AS"
                + " $$BEGIN RAISE EXCEPTION 'no new transaction IDs' USING ERRCODE = '54000'; END$$",
                "CREATE TRIGGER no_ids BEFORE UPDATE ON ingest_position FOR EACH ROW WHEN (OLD.partition = " + partition
                        + ") EXECUTE FUNCTION no_ids()");
        var append = new Append(begin, positionAt(3), rows(room, 1, 1, 3), List.of());

        assertThatThrownBy(() -> store.append(List.of(append))).isInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("move the positions of partitions [" + partition + "]");
    }

    @Test
    void aRowOfADetachedPartitionIsUnavailable() throws SQLException {
        assertThat(positionStore.move(null, begin)).isTrue();
        store.append(List.of(new Append(begin, positionAt(1), rows(room, 1, 1, 1), List.of())));
        var append = new Append(positionAt(1), positionAt(3), rows(room, 1, 2, 3), List.of());
        var table = tableOf(room);
        sql("ALTER TABLE message DETACH PARTITION " + table);
        try {
            assertThatThrownBy(() -> store.append(List.of(append))).isInstanceOf(StoreException.Unavailable.class);
        } finally {
            sql("ALTER TABLE message ATTACH PARTITION " + table + " FOR VALUES WITH (MODULUS 16, REMAINDER "
                    + Integer.parseInt(table.substring("message_".length())) + ")");
        }
        store.append(List.of(append));
        assertThat(stored()).isEqualTo(messages(1, 3));
    }

    private static void sql(String... statements) throws SQLException {
        try (var connection = database.beginWrite(); var statement = connection.createStatement()) {
            for (var sql : statements) statement.execute(sql);
            connection.commit();
        }
    }

    private static String tableOf(RoomId room) throws SQLException {
        try (var connection = database.beginWrite();
                var select = connection.prepareStatement("SELECT tableoid::regclass FROM message WHERE room = ?")) {
            select.setString(1, room.key());
            try (var row = select.executeQuery()) {
                assertThat(row.next()).isTrue();
                return row.getString(1);
            }
        }
    }

    @Test
    void aWrongPasswordIsNotAnOutage() {
        var access = Database.Access.of(postgres.jdbcUrl(), postgres.user(), "wrong");
        try (var closed = new Database(access, 1, new SimpleMeterRegistry())) {
            assertThatThrownBy(closed::migrate).isExactlyInstanceOf(StoreException.class)
                    .hasMessageContaining("password authentication failed");
        }
    }

    @Test
    void theHeadsOfManyRoomsAreReadAtOnce() {
        assertThat(positionStore.move(null, begin)).isTrue();
        var other = new RoomId("default", UUID.randomUUID().toString());
        var rows = new ArrayList<>(rows(room, 1, 1, 30));
        rows.addAll(rows(room, 2, 1, 7));
        rows.addAll(rows(other, 5, 1, 2));
        store.append(List.of(new Append(begin, positionAt(1), rows, List.of())));

        assertThat(reader.heads(List.of(room, other, new RoomId("default", "nobody"))))
                .isEqualTo(Map.of(room, new Head(2, 7), other, new Head(5, 2)));
    }
}
