package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Erases users: the messages that they sent, and all messages in their personal rooms. Each request is a row of the
 * table {@code erasure}. The work scans the table of messages page by page, in small transactions. Only one instance
 * works at a time, and the next one continues where the last one stopped.
 */
public final class ErasureStore {
    /** Pages of the table in one transaction, 8 KiB each. */
    private static final int PAGES_PER_BATCH = 2_000;

    /** Longer than the time between the timestamp of a request and its commit. */
    private static final Duration OVERLAP = Duration.ofMinutes(2);

    /**
     * The current time plus one minute. The broker's clock sets the time of messages, and it may be ahead of the
     * database's clock.
     */
    private static final String UNTIL = "(extract(epoch FROM clock_timestamp()) * 1000)::bigint + 60000";

    private static final String COLUMNS = "SELECT sender, until, messages, part, filenode, page, finished FROM erasure ";

    /**
     * Waits for running appends: every append holds locks on positions until it commits. Once this lock is granted, no
     * append is running, and later appends see the request.
     */
    private static final String AFTER_ALL_APPENDS = "LOCK TABLE ingest_position IN SHARE MODE";

    /** A running request stays as it is. A finished one starts again, for newer messages. */
    private static final String REQUEST = "INSERT INTO erasure (sender, until, requested_at) VALUES (?, " + UNTIL
            + ", clock_timestamp()) ON CONFLICT (sender) DO UPDATE SET until = greatest(erasure.until, excluded.until),"
            + " requested_at = excluded.requested_at, part = 0, filenode = 0, page = 0, finished = NULL"
            + " WHERE erasure.finished IS NOT NULL";

    private static final String FIND = COLUMNS + "WHERE sender = ?";

    private static final String FIND_BY_USERS = "SELECT sender, until FROM erasure WHERE sender = ANY (?)";

    private static final String LATEST = "SELECT sender, until, finished IS NULL AS open, extract(epoch FROM now())::float8"
            + " AS now, (SELECT coalesce(max(finished), 0) FROM erasure) AS finished FROM (SELECT now()) AS t (now)"
            + " LEFT JOIN erasure ON finished IS NULL OR requested_at > to_timestamp(?)";

    private static final String LOCK = "SELECT pg_try_advisory_xact_lock('erasure'::regclass::oid::bigint)";

    private static final String FIND_OPEN = COLUMNS + "WHERE finished IS NULL ORDER BY requested_at LIMIT 1";

    private static final String PARTS = """
            SELECT c.relname, c.relfilenode::bigint AS filenode, pg_relation_size(c.oid) / 8192 AS pages
            FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
            WHERE i.inhparent = 'message'::regclass ORDER BY c.relname""";

    static final String ERASE = """
            UPDATE %s SET sender = ?, client_id = NULL, content = ?::json
            WHERE ctid >= ?::tid AND ctid < ?::tid AND (sender = ? OR room = ?) AND ts <= ? AND content::text <> ?""";

    private static final String ADVANCE = """
            UPDATE erasure SET messages = messages + ?, part = ?, filenode = ?, page = ? WHERE sender = ?""";

    private static final String FINISH = """
            UPDATE erasure SET finished = nextval('erasure_finished')
            WHERE sender = ? AND requested_at < clock_timestamp() - ? * interval '1 ms'""";

    /**
     * Longer than any instance needs to see a request and to evict the messages from memory. Instances read the
     * requests every two seconds.
     */
    private static final Duration MIN_REQUEST_AGE = Duration.ofSeconds(5);

    private final Database database;
    private final Duration minRequestAge;
    private volatile long finishedCount;

    public ErasureStore(Database database) {
        this(database, MIN_REQUEST_AGE);
    }

    /** @param minRequestAge the least age of a request before it is done */
    ErasureStore(Database database, Duration minRequestAge) {
        this.database = database;
        this.minRequestAge = minRequestAge;
    }

    /** A row of the table {@code erasure}. */
    private record Request(UserId user, long until, long messages, int part, long filenode, long page,
            boolean isDone) {}

    /**
     * A partition of the table of messages.
     *
     * @param filenode the id of the partition's file; another id means that its rows have moved
     * @param pages    the number of its pages
     */
    private record Part(String table, long filenode, long pages) {}

    /**
     * Recent and open requests.
     *
     * @param untilByUser   for each of their users, the log time up to which messages are erased
     * @param hasOpen       whether a request is not done yet
     * @param finishedCount number of finished requests; grows with each one
     * @param readAtSeconds time of this read by the database's clock; the argument for the next
     *                      {@link ErasureStore#recentRequests recentRequests}
     */
    public record RecentRequests(Map<UserId, Long> untilByUser, boolean hasOpen, long finishedCount,
            double readAtSeconds) {}

    /**
     * Requests the erasure of a user's messages up to now. From then on, the ingest stores messages up to
     * {@link Erasure#until} only in their erased form.
     */
    public Erasure request(UserId user) {
        try (var connection = database.beginUpkeep()) {
            try (var lock = connection.createStatement()) {
                lock.execute(AFTER_ALL_APPENDS);
            }
            try (var insert = connection.prepareStatement(REQUEST)) {
                insert.setString(1, user.key());
                insert.executeUpdate();
            }
            var erasure = find(connection, user).orElseThrow();
            connection.commit();
            return erasure;
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("store the request to erase a user", e);
        }
    }

    /** The progress of a user's erasure; empty if there is no request. */
    public Optional<Erasure> find(UserId user) {
        try (var connection = database.beginUpkeep()) {
            return find(connection, user);
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("read the progress of an erasure", e);
        }
    }

    private static Optional<Erasure> find(Connection connection, UserId user) throws SQLException {
        try (var select = connection.prepareStatement(FIND)) {
            select.setString(1, user.key());
            var request = readRequest(select);
            if (request == null) return Optional.empty();
            var progress = request.isDone() ? 1 : progress(request, parts(connection));
            return Optional.of(
                    new Erasure(user, request.until(), request.messages(), progress, request.isDone()));
        }
    }

    private static double progress(Request request, List<Part> parts) {
        var donePages = 0L;
        var allPages = 1L;
        for (var i = 0; i < parts.size(); i++) {
            allPages += parts.get(i).pages();
            if (i < request.part()) donePages += parts.get(i).pages();
            else if (i == request.part()) donePages += Math.min(request.page(), parts.get(i).pages());
        }
        return (double) donePages / allPages;
    }

    private static @Nullable Request readRequest(PreparedStatement select) throws SQLException {
        try (var row = select.executeQuery()) {
            if (!row.next()) return null;
            return new Request(UserId.of(row.getString("sender")), row.getLong("until"), row.getLong("messages"),
                    row.getInt("part"), row.getLong("filenode"), row.getLong("page"),
                    row.getObject("finished") != null);
        }
    }

    /**
     * Number of finished requests at this instance's last read. This instance no longer serves messages that those
     * requests erased.
     */
    public long finishedCount() {
        return finishedCount;
    }

    /** Sets {@link #finishedCount()}. The caller must first remove the users' messages from memory. */
    public void markApplied(RecentRequests requests) {
        finishedCount = requests.finishedCount();
    }

    /** The requests since shortly before {@code sinceSeconds}, and all open ones. */
    public RecentRequests recentRequests(double sinceSeconds) {
        try (var connection = database.beginUpkeep(); var select = connection.prepareStatement(LATEST)) {
            select.setDouble(1, sinceSeconds - OVERLAP.toSeconds());
            try (var row = select.executeQuery()) {
                var untilByUser = new HashMap<UserId, Long>();
                var hasOpen = false;
                var finishedCount = 0L;
                var now = sinceSeconds;
                while (row.next()) {
                    now = row.getDouble("now");
                    finishedCount = row.getLong("finished");
                    var sender = row.getString("sender");
                    if (sender == null) continue;
                    untilByUser.put(UserId.of(sender), row.getLong("until"));
                    hasOpen |= row.getBoolean("open");
                }
                return new RecentRequests(untilByUser, hasOpen, finishedCount, now);
            }
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("read which users to erase", e);
        }
    }

    /**
     * The result of one batch.
     *
     * @param erased   number of messages that the batch erased
     * @param progress the progress of the request after the batch
     */
    public record BatchResult(int erased, Erasure progress) {}

    /**
     * Erases a batch: the messages in some pages of the table. Empty if there is nothing to do now, or if another
     * instance is working.
     */
    public Optional<BatchResult> eraseNextBatch() {
        try (var connection = database.beginUpkeep()) {
            var request = tryLock(connection) ? findOpenRequest(connection) : null;
            if (request == null) return Optional.empty();
            var parts = parts(connection);
            var isScanComplete = request.part() >= parts.size();
            if (isScanComplete && !tryFinish(connection, request)) return Optional.empty();
            var erased = isScanComplete ? 0 : eraseBatch(connection, request, parts.get(request.part()));
            var result = new BatchResult(erased, find(connection, request.user()).orElseThrow());
            connection.commit();
            return Optional.of(result);
        } catch (SQLException e) {
            throw SqlErrors.translateWithoutRefusal("erase a user's messages", e);
        }
    }

    private static boolean tryLock(Connection connection) throws SQLException {
        try (var statement = connection.createStatement(); var row = statement.executeQuery(LOCK)) {
            return row.next() && row.getBoolean(1);
        }
    }

    private static @Nullable Request findOpenRequest(Connection connection) throws SQLException {
        try (var select = connection.prepareStatement(FIND_OPEN)) {
            return readRequest(select);
        }
    }

    private static List<Part> parts(Connection connection) throws SQLException {
        var parts = new ArrayList<Part>();
        try (var statement = connection.createStatement(); var row = statement.executeQuery(PARTS)) {
            while (row.next())
                parts.add(new Part(row.getString("relname"), row.getLong("filenode"), row.getLong("pages")));
        }
        return parts;
    }

    /**
     * Erases a batch in one partition. If the partition's file was rewritten, its rows have moved, and the scan starts
     * from the beginning.
     */
    private static int eraseBatch(Connection connection, Request request, Part part) throws SQLException {
        var from = request.filenode() == part.filenode() ? request.page() : 0;
        var to = from + PAGES_PER_BATCH;
        var erased = erasePages(connection, request, part.table(), from, to);
        var isPartDone = to >= part.pages();
        try (var advance = connection.prepareStatement(ADVANCE)) {
            advance.setInt(1, erased);
            advance.setInt(2, isPartDone ? request.part() + 1 : request.part());
            advance.setLong(3, part.filenode());
            advance.setLong(4, isPartDone ? 0 : to);
            advance.setString(5, request.user().key());
            advance.executeUpdate();
        }
        return erased;
    }

    private static int erasePages(Connection connection, Request request, String table, long from, long to)
            throws SQLException {
        var user = request.user();
        try (var update = connection.prepareStatement(ERASE.formatted(table))) {
            update.setString(1, ErasedMessages.placeholderUser(user.tenant()).key());
            update.setString(2, ErasedMessages.CONTENT);
            update.setString(3, "(" + from + ",0)");
            update.setString(4, "(" + to + ",0)");
            update.setString(5, user.key());
            update.setString(6, RoomId.personal(user).key());
            update.setLong(7, request.until());
            update.setString(8, ErasedMessages.CONTENT);
            return update.executeUpdate();
        }
    }

    private boolean tryFinish(Connection connection, Request request) throws SQLException {
        try (var finish = connection.prepareStatement(FINISH)) {
            finish.setString(1, request.user().key());
            finish.setLong(2, minRequestAge.toMillis());
            return finish.executeUpdate() == 1;
        }
    }

    /** The appends as they must be stored: messages of erased users are replaced by their erased form. */
    static List<Append> withErasedMessages(Connection connection, List<Append> appends) throws SQLException {
        var users = new HashSet<String>();
        for (var append : appends) {
            for (var row : append.rows()) addUsers(row, users);
            for (var row : append.repetitions()) addUsers(row, users);
        }
        var untilByUser = users.isEmpty() ? Map.<UserId, Long>of() : readUntilByUser(connection, users);
        if (untilByUser.isEmpty()) return appends;
        return appends.stream()
                .map(append -> new Append(append.before(), append.after(),
                        withErasedMessages(untilByUser, append.rows()),
                        withErasedMessages(untilByUser, append.repetitions())))
                .toList();
    }

    private static List<MessageRow> withErasedMessages(Map<UserId, Long> untilByUser, List<MessageRow> rows) {
        return rows.stream()
                .map(row -> ErasedMessages.mustBeErased(untilByUser, row.room(), row.message())
                        ? ErasedMessages.of(row)
                        : row)
                .toList();
    }

    private static void addUsers(MessageRow row, Set<String> users) {
        users.add(row.message().user().key());
        if (row.room().isPersonal()) users.add(row.room().owner().key());
    }

    private static Map<UserId, Long> readUntilByUser(Connection connection, Set<String> users) throws SQLException {
        try (var select = connection.prepareStatement(FIND_BY_USERS)) {
            select.setArray(1, connection.createArrayOf("text", users.toArray()));
            var untilByUser = new HashMap<UserId, Long>();
            try (var row = select.executeQuery()) {
                while (row.next()) untilByUser.put(UserId.of(row.getString("sender")), row.getLong("until"));
            }
            return untilByUser;
        }
    }
}
