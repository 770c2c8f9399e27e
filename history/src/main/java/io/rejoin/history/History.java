package io.rejoin.history;

import io.rejoin.contracts.env.BrokerNames;
import io.rejoin.contracts.env.StartupResources;
import io.rejoin.history.api.Api;
import io.rejoin.history.ingest.EventsTopic;
import io.rejoin.history.ingest.Ingest;
import io.rejoin.history.ingest.IngestMeters;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.Erasures;
import io.rejoin.history.store.Expiry;
import io.rejoin.history.store.Installation;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.MessageStore;
import io.rejoin.history.store.Positions;
import io.rejoin.history.store.RecentMessages;
import io.rejoin.history.store.StoreException;
import io.rejoin.history.upkeep.ErasureJob;
import io.rejoin.history.upkeep.RetentionJob;
import io.rejoin.kafka.Rights;
import io.rejoin.metrics.Metrics;
import io.rejoin.tracing.Tracing;
import java.security.SecureRandom;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.apache.kafka.common.KafkaException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A running history service: stores events in PostgreSQL and serves replay. Instances share the partitions of
 * {@code rejoin.events}. Each instance answers requests for all rooms.
 */
public final class History implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(History.class);
    /** All open parts; closed in reverse order of opening. */
    private final StartupResources opened = new StartupResources();
    private final AtomicBoolean dead = new AtomicBoolean();
    private int port;

    private History() {}

    /**
     * Waits for PostgreSQL and the topic, migrates the tables, and starts to serve.
     *
     * @param fatal called at most once, with the failure that ended a loop; the process must then end, too
     * @throws IllegalStateException if PostgreSQL or the topic is not available within the start timeout
     */
    public static History start(HistoryConfig config, Consumer<Throwable> fatal) throws InterruptedException {
        var history = new History();
        try {
            history.open(config, history.once(fatal));
            return history;
        } catch (StoreException | KafkaException e) {
            history.closeAfter(e);
            var refusal = Rights.ofHistory(config.kafka()).refusal(e);
            throw new IllegalStateException(refusal.orElseGet(() -> String.valueOf(e.getMessage())), e);
        } catch (RuntimeException | InterruptedException e) {
            history.closeAfter(e);
            throw e;
        }
    }

    private void closeAfter(Exception failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void open(HistoryConfig config, Consumer<Throwable> fatal) throws InterruptedException {
        var metrics = new Metrics("history");
        opened.add(metrics);
        var tracing = Tracing.open(config.traces(), "history");
        opened.add(tracing);
        var database = new Database(config.database(), config.readers(), metrics.registry());
        opened.add(database);
        BrokerNames.await(config.kafka().servers(), config.startTimeout(), log::warn);
        var topic = new EventsTopic(config.kafka());
        opened.add(topic);
        var prerequisites = new Prerequisites(config.startTimeout(), new SecureRandom());
        prerequisites.awaitTables(database);
        var events = prerequisites.awaitTopic(topic, Rights.ofHistory(config.kafka()));
        prerequisites.awaitInstallation(new Installation(database), topic.name(), events, config.adopt());
        var rules = prerequisites.awaitRules(database, config.retention());

        var access = new Ingest.Access(config.kafka(), config.sessionTimeout());
        var tail = new RecentMessages(config.tailBytes(), access.lease(), System::nanoTime);
        var erasures = new Erasures(database);
        var api = new Api(new Api.Limits(config.host(), config.port(), config.maxWaiters(), config.readers()),
                new Api.Access(events, config.secret(), erasures), tail,
                new MessageReader(database), new Api.Checks(database::ping, topic::ping), metrics, () -> !dead.get(),
                fatal);
        opened.add(api);
        // The tail comes first: a request that the API wakes then finds the message in the tail
        var ingest = new Ingest(access, new MessageStore(database, rules), new Positions(database), topic,
                List.of(tail, api.growth()), api::hasWaiters, new IngestMeters(metrics.registry()), tracing, fatal);
        opened.add(ingest);
        api.onFirstWaiter(ingest::shortenWait);
        metrics.showKafka("events", ingest::kafkaNumbers);
        var retention = new RetentionJob(rules, new Expiry(database, rules), tail, metrics.registry(), fatal);
        opened.add(retention);
        var erasure = new ErasureJob(erasures, tail, metrics.registry(), fatal);
        opened.add(erasure);
        opened.endBy(api::drain);
        api.start();
        retention.start();
        erasure.start();
        port = api.port();
    }

    private Consumer<Throwable> once(Consumer<Throwable> fatal) {
        return cause -> {
            if (dead.compareAndSet(false, true)) fatal.accept(cause);
        };
    }

    /** The port of the HTTP listener. */
    public int port() {
        return port;
    }

    /**
     * Stops the service within a bound. The ingest stops before the HTTP listener. So another instance takes over the
     * partitions while this one answers its last requests.
     *
     * @throws IllegalStateException if a part did not end in time; the other parts are closed anyway
     */
    @Override
    public void close() {
        opened.close();
    }
}
