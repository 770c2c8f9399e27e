package io.rejoin.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/**
 * Tests the demo page in a real browser, with one tab at each edge. The tests themselves are in {@code
 * infra/e2e/browser}.
 */
class BrowserIT {
    private static final Path RUN = Path.of("browser", "run").toAbsolutePath();

    private final Cluster cluster = Cluster.shared();

    @Test
    void theDemoPageChatsLosesItsConnectionAndResumes() throws Exception {
        assumeTrue(nodeMajor() >= 20, "needs node 20 or later: the demo page is not tested in a browser");
        var output = Files.createTempFile("rejoin-browser", ".log");
        var builder = new ProcessBuilder(RUN.toString()).redirectErrorStream(true).redirectOutput(output.toFile());
        builder.environment().put("REJOIN_URL",
                "http://127.0.0.1:" + cluster.edgePort(0) + " http://127.0.0.1:" + cluster.edgePort(1));

        var process = builder.start();
        try {
            assertThat(process.waitFor(10, TimeUnit.MINUTES)).as("ended in time; it said\n" + Files.readString(output))
                    .isTrue();
        } finally {
            process.descendants().forEach(ProcessHandle::destroyForcibly);
            process.destroyForcibly();
        }

        assertThat(process.exitValue()).as(Files.readString(output)).isZero();
    }

    private static int nodeMajor() throws InterruptedException {
        try {
            var node = new ProcessBuilder("node", "-p", "process.versions.node.split('.')[0]").start();
            var major = new String(node.getInputStream().readAllBytes(), UTF_8).strip();
            return node.waitFor() == 0 ? Integer.parseInt(major) : 0;
        } catch (IOException _) {
            return 0;
        }
    }
}
