package io.rejoin.history;

import io.rejoin.contracts.env.ConfigException;
import io.rejoin.contracts.env.Program;
import io.rejoin.history.ingest.EventsTopic;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.Installation;
import io.rejoin.history.store.Retention;
import io.rejoin.history.store.RetentionRules;
import io.rejoin.history.store.StoreException;
import io.rejoin.kafka.Rights;
import io.rejoin.resilience.Backoff;
import java.time.Duration;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.errors.RetriableException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Waits at start for PostgreSQL and the topic of events, because services start in any order. The wait has a time
 * limit.
 */
final class Prerequisites {
    private static final Logger log = LoggerFactory.getLogger(Prerequisites.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(4));
    /** Interval of the log lines that name the missing prerequisite. */
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);

    private final Duration timeout;
    private final RandomGenerator random;

    Prerequisites(Duration timeout, RandomGenerator random) {
        this.timeout = timeout;
        this.random = random;
    }

    /** Waits until PostgreSQL answers, and migrates its tables. */
    void migrateTables(Database database) throws InterruptedException {
        await("PostgreSQL at " + database.address() + " (see HISTORY_JDBC_URL, HISTORY_DB_USER, HISTORY_DB_PASSWORD)",
                () -> {
                    database.migrate();
                    return database;
                });
    }

    /**
     * Waits until a router has created the topic, and checks history's rights on it.
     *
     * @return the topic's id
     * @throws IllegalStateException that names the missing rights
     */
    String awaitTopic(EventsTopic topic, Rights rights) throws InterruptedException {
        return await("the topic " + topic.name() + " (a router creates it; see KAFKA_BOOTSTRAP_SERVERS)", () -> {
            var id = topic.id();
            topic.check(rights);
            return id;
        });
    }

    /**
     * Checks that the database belongs to the same installation as the topic. Claims a database that has no owner yet.
     *
     * @param topicName      the name of the topic of events
     * @param topicId        the topic's id
     * @param adoptedTopicId the id of the topic to which the operator reassigns the database; null for none
     * @throws ConfigException if the database belongs to another installation
     */
    void claimDatabase(Installation installation, String topicName, String topicId,
            @Nullable String adoptedTopicId) throws InterruptedException {
        var owner = await("PostgreSQL, to read which installation the database belongs to",
                () -> installation.claim(topicId));
        if (owner.equals(topicId)) return;
        if (!topicId.equals(adoptedTopicId))
            throw new ConfigException(
                    "the database (HISTORY_JDBC_URL) belongs to another installation: to the"
                            + " topic of events with the id " + owner
                            + ", but " + topicName + " of KAFKA_BOOTSTRAP_SERVERS has the id "
                            + topicId
                            + ". Check both. If the topic was recreated, and this database must continue with it, set"
                            + " HISTORY_ADOPT=" + topicId);
        await("PostgreSQL, to assign the database to another installation", () -> {
            installation.adopt(topicId);
            return topicId;
        });
        log.atWarn().addKeyValue("topic", topicName).addKeyValue("before", owner).addKeyValue("now", topicId)
                .log("the database now belongs to another topic of events, because HISTORY_ADOPT names it");
    }

    /** Stores the retention rules in the database. */
    RetentionRules storeRules(Database database, Retention retention) throws InterruptedException {
        return await("PostgreSQL, to store the retention rules", () -> RetentionRules.store(database, retention));
    }

    private <T> T await(String prerequisite, Supplier<T> attempt) throws InterruptedException {
        var startedAt = System.nanoTime();
        var loggedAt = startedAt;
        for (var n = 0;; n++) {
            try {
                return attempt.get();
            } catch (StoreException.Unavailable | RetriableException e) {
                var now = System.nanoTime();
                if (now - startedAt > timeout.toNanos())
                    throw new IllegalStateException("gave up after " + timeout + " waiting for " + prerequisite, e);
                if (now - loggedAt > LOG_INTERVAL.toNanos() || n == 0) {
                    log.atInfo().addKeyValue("reason", Program.explained(e)).log("waits for " + prerequisite);
                    loggedAt = now;
                }
            }
            Thread.sleep(BACKOFF.delay(n, random));
        }
    }
}
