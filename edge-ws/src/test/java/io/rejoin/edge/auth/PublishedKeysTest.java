package io.rejoin.edge.auth;

import static io.rejoin.edge.auth.TestTokens.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import io.rejoin.resilience.Backoff;
import java.net.URI;
import java.time.Duration;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class PublishedKeysTest {
    private static final Duration LONG = Duration.ofSeconds(60);
    private static final JWK ONE = key("P-256", "one");
    private static final JWK TWO = key("P-256", "two");

    private final KeyServer server = new KeyServer(ONE);
    /** Nanoseconds added to the real time. */
    private final AtomicLong ahead = new AtomicLong();
    private PublishedKeys keys = keys(Duration.ofMinutes(5));

    private PublishedKeys keys(Duration refresh) {
        var schedule = new KeyReadSchedule(refresh, Duration.ofHours(1), Duration.ofMillis(50),
                new Backoff(Duration.ofMillis(10), Duration.ofMillis(100)), Duration.ofSeconds(20));
        var source = new KeySource.OfUrl(URI.create(server.url()), Duration.ofSeconds(2), 10_000);
        var newKeys = new PublishedKeys(server.url(), source, schedule, new Random(1),
                () -> System.nanoTime() + ahead.get());
        Thread.ofVirtual().start(newKeys);
        return newKeys;
    }

    @AfterEach
    void close() {
        keys.stop();
        server.close();
    }

    @Test
    void keysAreReadAgainRegularly() throws Exception {
        keys.stop();
        keys = keys(Duration.ofMillis(200));
        assertThat(keys.current().kids()).containsExactly("one");
        server.publish(TWO);

        await().atMost(LONG).until(() -> keys.current().kids().getFirst().equals("two"));
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {"500 | | the server answered 500", "404 | nothing | the server answered 404",
            "200 | <html> | not JSON",
            "200 | {\"keys\":[]} | none of the 0 keys",
            "204 | | the server answered 204", "200 | {\"error\":1} | not a JWKS"})
    void anInvalidAnswerKeepsTheKeysAndIsReported(int status, String body, String message) throws Exception {
        assertThat(keys.current().kids()).containsExactly("one");
        server.publish(status, body == null ? "" : body);

        assertUnavailable(() -> keys.reread());
        assertThat(keys.problem()).contains(message).contains(server.url());
        assertThat(keys.current().kids()).containsExactly("one");
        server.publish(TWO);
        await().atMost(LONG).until(() -> keys.problem() == null);
        assertThat(keys.current().kids()).containsExactly("two");
    }

    @Test
    void aTooLargeOrTooSlowAnswerFails() throws Exception {
        assertThat(keys.current().kids()).containsExactly("one");
        server.publish(200, " ".repeat(10_001));
        assertUnavailable(() -> keys.reread());
        assertThat(keys.problem()).contains("EDGE_JWKS_MAX_BYTES");
        server.publish(ONE);
        server.setDelay(Duration.ofSeconds(10));
        await().atMost(LONG).until(() -> String.valueOf(keys.problem()).contains("EDGE_JWKS_TIMEOUT"));
        assertThat(keys.current().kids()).containsExactly("one");
    }

    @Test
    void keysAreKeptForALimitedTime() throws Exception {
        assertThat(keys.current().kids()).containsExactly("one");
        server.stop();
        ahead.set(Duration.ofMinutes(50).toNanos());
        assertUnavailable(() -> keys.reread());
        assertThat(keys.current().kids()).containsExactly("one");
        ahead.set(Duration.ofMinutes(70).toNanos());

        assertUnavailable(() -> keys.current());
        assertThat(keys.problem()).contains("EDGE_JWKS_KEEP");
        server.restart();
        await().atMost(LONG).until(() -> keys.problem() == null);
        assertThat(keys.current().kids()).containsExactly("one");
    }

    @Test
    void afterAFailureKeysAreReadAgainWithinSeconds() {
        var schedule = KeyReadSchedule.of(Duration.ofMinutes(5), Duration.ofDays(1));
        var random = new Random(1);
        for (var failures = 1; failures < 100; failures++) {
            assertThat(schedule.untilNext(failures, random)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
        }
        for (var n = 0; n < 100; n++) {
            assertThat(schedule.untilNext(0, random)).isBetween(Duration.ofSeconds(270), Duration.ofSeconds(300));
        }
    }

    private interface KeyCall {
        void run() throws InvalidTokenException;
    }

    private static void assertUnavailable(KeyCall call) {
        assertThat(catchThrowableOfType(InvalidTokenException.class, call::run).isTemporary()).isTrue();
    }
}
