package io.rejoin.history.upkeep;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.RoomPattern;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.Append;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.Expiry;
import io.rejoin.history.store.Installation;
import io.rejoin.history.store.MessageRow;
import io.rejoin.history.store.MessageStore;
import io.rejoin.history.store.Position;
import io.rejoin.history.store.PositionStore;
import io.rejoin.history.store.RecentMessages;
import io.rejoin.history.store.Retention;
import io.rejoin.history.store.RetentionRules;
import io.rejoin.servers.Servers;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;

/**
 * Messages arrive at a steady rate and expire. The table must stay within its bound, in messages and in bytes, and the
 * ingest must not wait. A short form of {@code infra/retention}.
 */
class RetentionLoadIT {
    private static final Duration TEST_DURATION = Duration.ofSeconds(Integer.getInteger("rejoin.retention.seconds", 8));
    private static final Duration RETENTION_TIME = Duration
            .ofSeconds(Integer.getInteger("rejoin.retention.kept.seconds", 2));
    private static final int MESSAGES_PER_SECOND = Integer.getInteger("rejoin.retention.rate", 2_000);
    private static final int ROOMS = Integer.getInteger("rejoin.retention.rooms", 1_000);
    private static final int BATCHES_PER_SECOND = 20;
    /** The longest interval between two rounds of the job, plus half of it for a round under load. */
    private static final Duration MAX_DELAY = Duration.ofSeconds(15);
    private static final String TEXT = "What a message in a chat is like, more or less: a sentence of a hundred characters or so. Yes?";

    private final long[] seqs = new long[ROOMS];
    private final Random random = new Random(7);
    private final List<Long> appendNanos = new ArrayList<>();
    private final List<Sample> samples = new ArrayList<>();
    private long stored;

    private record Sample(long seconds, long messages, long bytes, double behind) {}

    @Test
    void aTableStaysAtItsBoundUnderLoad() throws Exception {
        var fatalErrors = new CopyOnWriteArrayList<Throwable>();
        try (var postgres = Servers.database();
                var database = new Database(
                        Database.Access.of(postgres.jdbcUrl(), postgres.user(), postgres.password()), 2,
                        new SimpleMeterRegistry());
                var sql = DriverManager.getConnection(postgres.jdbcUrl(), postgres.user(), postgres.password())) {
            database.migrate();
            new Installation(database).claim("topic");
            // The test uses seconds for days, so autovacuum also runs each second instead of each minute
            execute(sql, "ALTER SYSTEM SET autovacuum_naptime = '1s'");
            execute(sql, "SELECT pg_reload_conf()");
            var forever = new Retention.RoomClass(null, new RoomPattern("room-0"), null);
            var rules = RetentionRules.store(database, new Retention(List.of(forever), RETENTION_TIME));
            var registry = new SimpleMeterRegistry();
            try (var job = new RetentionJob(rules, new Expiry(database, rules),
                    new RecentMessages(0, Duration.ofSeconds(1), System::nanoTime), registry, fatalErrors::add)) {
                job.start();
                storeMessages(new MessageStore(database, rules), database, sql, registry);
                await().atMost(RETENTION_TIME.plus(MAX_DELAY).multipliedBy(4))
                        .until(() -> deleted(registry) == stored - seqs[0]);
            }
            execute(sql, "ALTER SYSTEM RESET ALL"); // other tests use the same server
            report(registry);
            assertThat(fatalErrors).isEmpty();
            assertBounded();
            assertThat(count(sql, "SELECT count(*) FROM message")).isEqualTo(seqs[0]);
            assertThat(count(sql, "SELECT count(*) FROM room_age")).isLessThanOrEqualTo(ROOMS);
        }
    }

    private void storeMessages(MessageStore store, Database database, Connection sql, SimpleMeterRegistry registry)
            throws Exception {
        var position = new Position("topic", 0, 0, null);
        assertThat(new PositionStore(database).move(null, position)).isTrue();
        var begin = System.nanoTime();
        var batchIntervalNanos = Duration.ofSeconds(1).toNanos() / BATCHES_PER_SECOND;
        var secondsBetweenSamples = Math.max(1, TEST_DURATION.toSeconds() / 60);
        for (var n = 0L; n * batchIntervalNanos < TEST_DURATION.toNanos(); n++) {
            var due = begin + n * batchIntervalNanos;
            await().pollInterval(Duration.ofMillis(1)).until(() -> System.nanoTime() - due >= 0);
            var after = position.advancedTo(n + 1, null);
            var rows = rows();
            var before = System.nanoTime();
            assertThat(store.append(List.of(new Append(position, after, rows, List.of()))))
                    .isInstanceOf(Append.Outcome.Stored.class);
            appendNanos.add(System.nanoTime() - before);
            stored += rows.size();
            position = after;
            if (n % (secondsBetweenSamples * BATCHES_PER_SECOND) == 0) sample(sql, registry, n / BATCHES_PER_SECOND);
        }
    }

    /** A tenth of the messages goes to the first ten rooms. */
    private List<MessageRow> rows() {
        var now = System.currentTimeMillis();
        var rows = new ArrayList<MessageRow>();
        for (var i = 0; i < MESSAGES_PER_SECOND / BATCHES_PER_SECOND; i++) {
            var number = random.nextInt(random.nextInt(10) == 0 ? Math.min(10, ROOMS) : ROOMS);
            var room = new RoomId("default", "room-" + number);
            var message = new StoredMessage(++seqs[number], new UserId("default", "ann"), "id-" + i,
                    Content.text(TEXT), now);
            rows.add(new MessageRow(room, 1, message, "{\"text\":\"" + TEXT + "\"}"));
        }
        return rows;
    }

    private void sample(Connection sql, SimpleMeterRegistry registry, long seconds) throws SQLException {
        var bytes = count(sql, "SELECT sum(pg_total_relation_size(inhrelid))::bigint FROM pg_inherits"
                + " WHERE inhparent = 'message'::regclass");
        samples.add(new Sample(seconds, stored - deleted(registry), bytes,
                registry.get("rejoin.history.retention.behind").gauge().value()));
    }

    private static long deleted(SimpleMeterRegistry registry) {
        return (long) registry.get("rejoin.history.expired").counter().count();
    }

    private static void execute(Connection sql, String statement) throws SQLException {
        try (var run = sql.createStatement()) {
            run.execute(statement);
        }
    }

    private static long count(Connection sql, String query) throws SQLException {
        try (var run = sql.createStatement(); var row = run.executeQuery(query)) {
            row.next();
            return row.getLong(1);
        }
    }

    private void report(SimpleMeterRegistry registry) {
        appendNanos.sort(null);
        for (var each : samples)
            System.out.printf("%5d s %,12d messages %,8d MB, %.1f s behind%n", each.seconds(), each.messages(),
                    each.bytes() >> 20, each.behind());
        System.out.printf(
                "%,d messages stored, %,d deleted; a batch of %d took %.1f ms (p50), %.1f ms (p99), %.1f ms at most%n",
                stored, deleted(registry), MESSAGES_PER_SECOND / BATCHES_PER_SECOND, millis(50),
                millis(99), appendNanos.getLast() / 1e6);
    }

    private double millis(int percent) {
        return appendNanos.get(appendNanos.size() * percent / 100) / 1e6;
    }

    private void assertBounded() {
        var maxSeconds = RETENTION_TIME.plus(RETENTION_TIME.dividedBy(20)).plus(MAX_DELAY).toMillis() / 1000.0;
        var maxMessages = maxSeconds * MESSAGES_PER_SECOND + seqs[0];
        assertThat(samples).allSatisfy(each -> assertThat((double) each.messages()).isLessThan(maxMessages));
        var full = samples.stream()
                .filter(each -> each.seconds() >= 2 * RETENTION_TIME.plus(MAX_DELAY).toSeconds()).toList();
        if (full.size() < 3) return; // the run is too short to judge bytes
        var later = full.subList(full.size() / 3, full.size()).stream().mapToLong(Sample::bytes).max().orElseThrow();
        var early = full.subList(0, full.size() / 3).stream().mapToLong(Sample::bytes).max().orElseThrow();
        assertThat((double) later).isLessThan(early * 1.1);
    }
}
