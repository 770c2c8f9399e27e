package io.rejoin.history;

import io.rejoin.contracts.env.Program;
import io.rejoin.history.ingest.EventsTopic;
import io.rejoin.history.retry.Backoff;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.StoreException;
import java.time.Duration;
import java.util.random.RandomGenerator;
import org.apache.kafka.common.errors.RetriableException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What must be there before the service can start. It waits for it, since things start in any order, but not for ever. */
final class Prerequisites {
    private static final Logger log = LoggerFactory.getLogger(Prerequisites.class);
    private static final Backoff BACKOFF = new Backoff(Duration.ofMillis(200), Duration.ofSeconds(4));
    /** How often a line says what is waited for. */
    private static final Duration SAY = Duration.ofSeconds(5);

    private final Duration patience;
    private final RandomGenerator random;

    Prerequisites(Duration patience, RandomGenerator random) {
        this.patience = patience;
        this.random = random;
    }

    /** PostgreSQL answers, and its tables are up to date. */
    void awaitTables(Database database) throws InterruptedException {
        await("PostgreSQL at " + database.place() + " (see HISTORY_JDBC_URL, HISTORY_DB_USER, HISTORY_DB_PASSWORD)",
                database::migrate);
    }

    /** The router has made the topic. */
    void awaitTopic(EventsTopic topic) throws InterruptedException {
        await("the topic rejoin.events (a router makes it; see KAFKA_BOOTSTRAP_SERVERS)", topic::id);
    }

    private void await(String what, Runnable attempt) throws InterruptedException {
        var begin = System.nanoTime();
        var said = begin;
        for (var n = 0;; n++) {
            try {
                attempt.run();
                return;
            } catch (StoreException.Unavailable | RetriableException e) {
                var now = System.nanoTime();
                if (now - begin > patience.toNanos())
                    throw new IllegalStateException("gave up after " + patience + " waiting for " + what, e);
                if (now - said > SAY.toNanos() || n == 0) {
                    log.atInfo().addKeyValue("reason", Program.explained(e)).log("waits for " + what);
                    said = now;
                }
            }
            Thread.sleep(BACKOFF.delay(n, random));
        }
    }
}
