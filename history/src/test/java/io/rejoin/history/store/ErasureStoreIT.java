package io.rejoin.history.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.embedded.EmbeddedPostgres;
import io.rejoin.history.store.PageRequest.Range;
import java.nio.file.Path;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executors;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Erasure of users: in the table, and in messages that are stored later. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class ErasureStoreIT {
    private static final Duration TIMEOUT = Duration.ofSeconds(60);
    private static final UserId ANN = new UserId("default", "ann");
    private static final UserId BEN = new UserId("default", "ben");
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final RoomId ROOM_OF_ANN = RoomId.personal(ANN);
    private static final RoomId ROOM_OF_BEN = RoomId.personal(BEN);
    private static final UserId PLACEHOLDER = new UserId("default", "(erased)");

    @TempDir
    private static Path folder;

    private static EmbeddedPostgres postgres;
    private static Database database;
    private static MessageReader reader;

    private final ErasureStore erasureStore = new ErasureStore(database(), Duration.ofMillis(1));
    private Position position = new Position("topic", 1, 0, null);

    @BeforeAll
    static void start() {
        postgres = EmbeddedPostgres.start(folder, 0);
        database = new Database(Database.Access.of(postgres.jdbcUrl(), postgres.user(), postgres.password()), 4,
                new SimpleMeterRegistry());
        database.migrate();
        reader = new MessageReader(database);
        new Installation(database).claim("topic");
    }

    private static Database database() {
        return database;
    }

    @BeforeEach
    void clearTables() throws SQLException {
        sql("TRUNCATE message, room_age, ingest_position, erasure");
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

    private static MessageRow row(RoomId room, long seq, UserId user, long ts) {
        var message = new StoredMessage(seq, user, "id-" + seq, Content.text("secret " + seq), ts);
        return new MessageRow(room, 1, message, "{\"text\":\"secret " + seq + "\"}");
    }

    private List<Append> append(List<MessageRow> rows, List<MessageRow> repetitions) {
        var after = position.advancedTo(position.nextOffset() + 1, null);
        var store = new MessageStore(database, new RetentionRules(Retention.FOREVER, 1));
        var outcome = store.append(List.of(new Append(position, after, rows, repetitions)));
        position = after;
        return switch (outcome) {
            case Append.Outcome.Stored(var stored, var revived, var changed, _) -> {
                assertThat(revived).isZero();
                assertThat(changed).as("said to be other messages").isZero();
                yield stored;
            }
            case Append.Outcome.PositionMoved _ -> throw new AssertionError("displaced");
        };
    }

    private static List<StoredMessage> stored(RoomId room) {
        return reader.page(new PageRequest(room, 1L, new Range.Forward(0, 100_000), 500)).messages();
    }

    private static StoredMessage erased(long seq, long ts) {
        return new StoredMessage(seq, PLACEHOLDER, null, Content.text(""), ts, true);
    }

    /** Erases the user batch by batch, as the job does. */
    private Erasure erase(UserId user) {
        erasureStore.request(user);
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(20)).until(() -> {
            erasureStore.eraseNextBatch();
            return erasureStore.find(user).orElseThrow().isDone();
        });
        return erasureStore.find(user).orElseThrow();
    }

    @Test
    void messagesFromAndToAnErasedUserKeepOnlySeqAndTime() {
        append(List.of(row(LOBBY, 1, BEN, 10), row(LOBBY, 2, ANN, 20), row(LOBBY, 3, BEN, 30),
                row(ROOM_OF_ANN, 1, BEN, 40), row(ROOM_OF_BEN, 1, ANN, 50), row(ROOM_OF_BEN, 2, BEN, 60)), List.of());

        var erasure = erase(ANN);

        assertThat(erasure.messages()).isEqualTo(3);
        assertThat(erasure.progress()).isEqualTo(1);
        assertThat(stored(LOBBY)).containsExactly(row(LOBBY, 1, BEN, 10).message(), erased(2, 20),
                row(LOBBY, 3, BEN, 30).message());
        assertThat(stored(ROOM_OF_ANN)).containsExactly(erased(1, 40));
        assertThat(stored(ROOM_OF_BEN)).containsExactly(erased(1, 50), row(ROOM_OF_BEN, 2, BEN, 60).message());
    }

    @Test
    void oldMessagesStoredAfterTheErasureAreStoredErased() {
        erase(ANN);

        var stored = append(List.of(row(LOBBY, 1, ANN, 10), row(ROOM_OF_ANN, 1, BEN, 20), row(LOBBY, 2, BEN, 30)),
                List.of());

        assertThat(stored.getFirst().rows()).extracting(MessageRow::message).containsExactly(erased(1, 10),
                erased(1, 20),
                row(LOBBY, 2, BEN, 30).message());
        assertThat(stored(LOBBY)).containsExactly(erased(1, 10), row(LOBBY, 2, BEN, 30).message());
    }

    @Test
    void laterMessagesStayUntilTheNextErasure() throws SQLException {
        var later = erase(ANN).until() + 1;
        append(List.of(row(LOBBY, 1, ANN, later)), List.of());
        assertThat(stored(LOBBY)).containsExactly(row(LOBBY, 1, ANN, later).message());

        sql("UPDATE erasure SET until = 0"); // so newer messages seem older than the next request
        sql("UPDATE message SET ts = 5");
        var secondErasure = erase(ANN);

        assertThat(secondErasure.messages()).isOne();
        assertThat(stored(LOBBY)).containsExactly(erased(1, 5));
    }

    @Test
    void aRepetitionDoesNotRestoreErasedMessages() {
        append(List.of(row(LOBBY, 1, ANN, 10)), List.of());
        erase(ANN);

        append(List.of(), List.of(row(LOBBY, 1, ANN, 10)));
        append(List.of(row(LOBBY, 1, ANN, 10)), List.of());

        assertThat(stored(LOBBY)).containsExactly(erased(1, 10));
    }

    @Test
    void anotherInstanceContinuesAndScansRewrittenTablesAgain() throws SQLException {
        append(LongStream.rangeClosed(1, 400).mapToObj(seq -> row(LOBBY, seq, ANN, seq)).toList(), List.of());
        erasureStore.request(ANN);
        erasureStore.eraseNextBatch();
        erasureStore.eraseNextBatch();
        assertThat(erasureStore.request(ANN).isDone()).isFalse();
        var half = erasureStore.find(ANN).orElseThrow();
        for (var part = 0; part < 16; part++) sql("CLUSTER message_%02d USING message_%02d_pkey".formatted(part, part));

        var other = new ErasureStore(database, Duration.ofMillis(1));
        await().atMost(TIMEOUT).pollInterval(Duration.ofMillis(20)).until(() -> {
            other.eraseNextBatch();
            return other.find(ANN).orElseThrow().isDone();
        });

        assertThat(half.until()).isEqualTo(other.find(ANN).orElseThrow().until());
        assertThat(other.find(ANN).orElseThrow().messages()).isEqualTo(400);
        assertThat(stored(LOBBY)).allSatisfy(message -> assertThat(message.erased()).isTrue());
    }

    /** Concurrent appends between the request and the end of the work: every message must be erased. */
    @Test
    void concurrentlyStoredMessagesAreErasedToo() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var storing = threads.submit(() -> {
                for (var seq = 1L; seq <= 300; seq++) append(List.of(row(LOBBY, seq, ANN, seq)), List.of());
            });
            await().atMost(TIMEOUT).until(() -> stored(LOBBY).size() > 50);
            erase(ANN);
            storing.get();
        }

        assertThat(stored(LOBBY)).hasSize(300).allSatisfy(message -> assertThat(message.erased()).isTrue());
    }

    @Test
    void instancesReadTheErasuresSinceTheirLastRead() {
        var before = erasureStore.recentRequests(0);
        assertThat(before.untilByUser()).isEmpty();
        var until = erasureStore.request(ANN).until();

        var open = erasureStore.recentRequests(before.readAtSeconds());
        assertThat(open.hasOpen()).isTrue();
        assertThat(open.untilByUser()).isEqualTo(Map.of(ANN, until));
        erase(ANN);

        var done = erasureStore.recentRequests(open.readAtSeconds());
        assertThat(done.hasOpen()).isFalse();
        assertThat(done.untilByUser()).isEqualTo(Map.of(ANN, until));
        assertThat(done.finishedCount()).isGreaterThan(open.finishedCount());
        assertThat(erasureStore.recentRequests(done.readAtSeconds() + 1_000).untilByUser()).isEmpty();
    }

    @Test
    void theErasureScansByPageRange() throws SQLException {
        try (var connection = database.beginUpkeep();
                var explain = connection.createStatement();
                var row = explain.executeQuery("EXPLAIN " + ErasureStore.ERASE.formatted("message_00")
                        .replaceFirst("sender = \\?", "sender = 's'").replaceFirst("content = \\?", "content = '{}'")
                        .replaceFirst("ctid >= \\?", "ctid >= '(0,0)'").replaceFirst("ctid < \\?", "ctid < '(9,0)'")
                        .replace("ts <= ?", "ts <= 1").replace("?", "'x'"))) {
            var plan = new ArrayList<String>();
            while (row.next()) plan.add(row.getString(1));
            assertThat(plan).anyMatch(line -> line.contains("Tid Range Scan"));
        }
    }
}
