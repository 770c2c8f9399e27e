package io.rejoin.history;

import io.rejoin.contracts.env.BrokerNames;
import io.rejoin.contracts.env.StartupResources;
import io.rejoin.history.api.Api;
import io.rejoin.history.ingest.EventsTopic;
import io.rejoin.history.ingest.Ingest;
import io.rejoin.history.ingest.IngestMeters;
import io.rejoin.history.store.Database;
import io.rejoin.history.store.ErasureStore;
import io.rejoin.history.store.Expiry;
import io.rejoin.history.store.Installation;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.MessageStore;
import io.rejoin.history.store.PositionStore;
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
    /** All open resources; closed in reverse order of opening. */
    private final StartupResources resources = new StartupResources();
    private final AtomicBoolean hasFailed = new AtomicBoolean();
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
            history.open(config, history.callOnce(fatal));
            return history;
        } catch (StoreException | KafkaException e) {
            history.closeAfterFailure(e);
            var refusal = Rights.ofHistory(config.kafka()).refusal(e);
            throw new IllegalStateException(refusal.orElseGet(() -> String.valueOf(e.getMessage())), e);
        } catch (RuntimeException | InterruptedException e) {
            history.closeAfterFailure(e);
            throw e;
        }
    }

    private void closeAfterFailure(Exception failure) {
        try {
            close();
        } catch (RuntimeException e) {
            failure.addSuppressed(e);
        }
    }

    private void open(HistoryConfig config, Consumer<Throwable> fatal) throws InterruptedException {
        var metrics = new Metrics("history");
        resources.add(metrics);
        var tracing = Tracing.open(config.traces(), "history");
        resources.add(tracing);
        var database = new Database(config.database(), config.readConnections(), metrics.registry());
        resources.add(database);
        BrokerNames.await(config.kafka().servers(), config.startTimeout(), log::warn);
        var topic = new EventsTopic(config.kafka());
        resources.add(topic);
        var prerequisites = new Prerequisites(config.startTimeout(), new SecureRandom());
        prerequisites.migrateTables(database);
        var topicId = prerequisites.awaitTopic(topic, Rights.ofHistory(config.kafka()));
        prerequisites.claimDatabase(new Installation(database), topic.name(), topicId, config.adoptedTopicId());
        var rules = prerequisites.storeRules(database, config.retention());

        var consumerSettings = new Ingest.ConsumerSettings(config.kafka(), config.sessionTimeout());
        var recentMessages = new RecentMessages(config.tailBytes(), consumerSettings.lease(), System::nanoTime);
        var erasureStore = new ErasureStore(database);
        var api = new Api(new Api.Limits(config.host(), config.port(), config.maxWaiters(), config.readConnections()),
                new Api.AccessControl(topicId, config.secret(), erasureStore), recentMessages,
                new MessageReader(database), new Api.Checks(database::ping, topic::ping), metrics,
                () -> !hasFailed.get(), fatal);
        resources.add(api);
        // The recent messages come first: a request that the API wakes then finds the message there
        var ingest = new Ingest(consumerSettings, new MessageStore(database, rules), new PositionStore(database), topic,
                List.of(recentMessages, api.commitListener()), api::hasWaiters, new IngestMeters(metrics.registry()),
                tracing, fatal);
        resources.add(ingest);
        api.onFirstWaiter(ingest::shortenWait);
        metrics.showKafka("events", ingest::kafkaMetrics);
        var retentionJob = new RetentionJob(rules, new Expiry(database, rules), recentMessages, metrics.registry(),
                fatal);
        resources.add(retentionJob);
        var erasureJob = new ErasureJob(erasureStore, recentMessages, metrics.registry(), fatal);
        resources.add(erasureJob);
        resources.endBy(api::drain);
        api.start();
        retentionJob.start();
        erasureJob.start();
        port = api.port();
    }

    private Consumer<Throwable> callOnce(Consumer<Throwable> fatal) {
        return cause -> {
            if (hasFailed.compareAndSet(false, true)) fatal.accept(cause);
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
        resources.close();
    }
}
