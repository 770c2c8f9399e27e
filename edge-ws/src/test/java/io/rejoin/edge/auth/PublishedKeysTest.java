package io.rejoin.edge.auth;

import static io.rejoin.edge.auth.TestTokens.key;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.nimbusds.jose.jwk.JWK;
import io.rejoin.edge.fanout.Backoff;
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
        var pace = new KeyPace(refresh, Duration.ofHours(1), Duration.ofMillis(50),
                new Backoff(Duration.ofMillis(10), Duration.ofMillis(100)), Duration.ofSeconds(20));
        var source = new KeySource.OfUrl(URI.create(server.url()), Duration.ofSeconds(2), 10_000);
        var made = new PublishedKeys(server.url(), source, pace, new Random(1), () -> System.nanoTime() + ahead.get());
        Thread.ofVirtual().start(made);
        return made;
    }

    @AfterEach
    void close() {
        keys.stop();
        server.close();
    }

    @Test
    void keysAreReadAgainBeforeTheyAreOldAndNobodyHasToAsk() throws Exception {
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
    void whatIsNoAnswerLeavesTheKeysAsTheyAreAndIsTold(int status, String body, String told) throws Exception {
        assertThat(keys.current().kids()).containsExactly("one");
        server.publish(status, body == null ? "" : body);

        assertUnavailable(() -> keys.asked());
        assertThat(keys.problem()).contains(told).contains(server.url());
        assertThat(keys.current().kids()).containsExactly("one");
        server.publish(TWO);
        await().atMost(LONG).until(() -> keys.problem() == null);
        assertThat(keys.current().kids()).containsExactly("two");
    }

    @Test
    void anAnswerThatIsTooLargeOrTooSlowIsNone() throws Exception {
        assertThat(keys.current().kids()).containsExactly("one");
        server.publish(200, " ".repeat(10_001));
        assertUnavailable(() -> keys.asked());
        assertThat(keys.problem()).contains("EDGE_JWKS_MAX_BYTES");
        server.publish(ONE);
        server.slow(Duration.ofSeconds(10));
        await().atMost(LONG).until(() -> String.valueOf(keys.problem()).contains("EDGE_JWKS_TIMEOUT"));
        assertThat(keys.current().kids()).containsExactly("one");
    }

    @Test
    void keysAreKeptForABoundedTimeOnly() throws Exception {
        assertThat(keys.current().kids()).containsExactly("one");
        server.goAway();
        ahead.set(Duration.ofMinutes(50).toNanos());
        assertUnavailable(() -> keys.asked());
        assertThat(keys.current().kids()).containsExactly("one");
        ahead.set(Duration.ofMinutes(70).toNanos());

        assertUnavailable(() -> keys.current());
        assertThat(keys.problem()).contains("EDGE_JWKS_KEEP");
        server.comeBack();
        await().atMost(LONG).until(() -> keys.problem() == null);
        assertThat(keys.current().kids()).containsExactly("one");
    }

    @Test
    void afterAFailureItIsTriedAgainWithinSeconds() {
        var pace = KeyPace.of(Duration.ofMinutes(5), Duration.ofDays(1));
        var random = new Random(1);
        for (var failures = 1; failures < 100; failures++) {
            assertThat(pace.untilNext(failures, random)).isBetween(Duration.ofSeconds(2), Duration.ofSeconds(10));
        }
        for (var n = 0; n < 100; n++) {
            assertThat(pace.untilNext(0, random)).isBetween(Duration.ofSeconds(270), Duration.ofSeconds(300));
        }
    }

    private interface Asking {
        void ask() throws InvalidTokenException;
    }

    private static void assertUnavailable(Asking asking) {
        assertThat(catchThrowableOfType(InvalidTokenException.class, asking::ask).isTemporary()).isTrue();
    }
}
