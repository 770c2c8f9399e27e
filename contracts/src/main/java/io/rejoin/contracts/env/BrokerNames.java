package io.rejoin.contracts.env;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Arrays;
import java.util.function.Consumer;

/**
 * Waits until the host name of a broker resolves. A name may be registered only after a service has started, and
 * Kafka's clients do not wait for that.
 */
public final class BrokerNames {
    private static final Duration RETRY_INTERVAL = Duration.ofMillis(500);
    private static final Duration LOG_INTERVAL = Duration.ofSeconds(5);

    private BrokerNames() {}

    /**
     * Waits until at least one of the names has an address.
     *
     * @param brokers in the form of {@link Settings#brokers}
     * @param log     receives a message about the wait, every few seconds
     * @throws IllegalStateException if no name has an address in time
     */
    public static void await(String brokers, Duration timeout, Consumer<String> log) throws InterruptedException {
        var startedAt = System.nanoTime();
        var loggedAt = startedAt - LOG_INTERVAL.toNanos();
        while (Arrays.stream(brokers.split(",", -1)).noneMatch(BrokerNames::hasAddress)) {
            var problem = "no address is known for " + brokers
                    + " (KAFKA_BOOTSTRAP_SERVERS); check that the name is right and that"
                    + " the broker runs";
            var now = System.nanoTime();
            if (now - startedAt > timeout.toNanos())
                throw new IllegalStateException(problem + ". Gave up after " + timeout.toSeconds() + " s");
            if (now - loggedAt >= LOG_INTERVAL.toNanos()) {
                log.accept("waiting for Kafka: " + problem);
                loggedAt = now;
            }
            Thread.sleep(RETRY_INTERVAL);
        }
    }

    private static boolean hasAddress(String broker) {
        try {
            var _ = InetAddress.getByName(host(broker));
            return true;
        } catch (UnknownHostException _) {
            return false;
        }
    }

    static String host(String broker) {
        var address = broker.substring(broker.indexOf("://") < 0 ? 0 : broker.indexOf("://") + 3);
        return address.substring(0, address.lastIndexOf(':'));
    }
}
