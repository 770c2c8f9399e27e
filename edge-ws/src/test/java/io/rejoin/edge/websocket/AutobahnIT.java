package io.rejoin.edge.websocket;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/**
 * Runs the Autobahn Testsuite against the production codec: framing, pings, reserved bits, opcodes, fragmentation,
 * UTF-8, closing. {@code -Dautobahn.cases=9.*} selects other cases: 9 covers limits and performance, and takes longer.
 * 12 and 13 cover compression, which the server does not offer.
 */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class AutobahnIT {
    private static final String CASES = "1.*,2.*,3.*,4.*,5.*,6.*,7.*,10.*";
    private static final Duration BOUND = Duration.ofMinutes(8);
    /** The suite's largest messages have 16 MiB. */
    private static final WebSocketLimits LIMITS = WebSocketLimits.of(17 << 20, 64 << 20, TestServer.ANY_RATE,
            TestServer.MEMORY);

    @Test
    void everyCasePasses() throws IOException, InterruptedException {
        var cases = List.of(System.getProperty("autobahn.cases", CASES).split(","));
        try (var server = new TestServer(_ -> new Echo(), LIMITS)) {
            var suite = new Autobahn(Path.of("target/autobahn"));
            var verdicts = suite.run("ws://127.0.0.1:" + server.port() + "/echo", cases, BOUND,
                    server::connections);

            var failed = new TreeMap<>(verdicts);
            failed.values().removeIf(Autobahn.Verdict::isPassed);
            assertThat(verdicts).isNotEmpty();
            assertThat(failed).as("failed of %d cases, reports in edge-ws/target/autobahn", verdicts.size()).isEmpty();
        }
    }
}
