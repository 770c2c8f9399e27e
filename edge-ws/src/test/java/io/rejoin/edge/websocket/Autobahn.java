package io.rejoin.edge.websocket;

import com.fasterxml.jackson.core.type.TypeReference;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** The Autobahn Testsuite, an independent judge of RFC 6455: a client in a JVM of its own, from jars that Maven has put down. */
final class Autobahn {
    private static final String AGENT = "rejoin";

    private final Path home;

    /** One case's verdict, as the suite puts it. */
    record Verdict(String behavior, String behaviorClose) {
        private static final List<String> PASSED = List.of("OK", "NON-STRICT", "INFORMATIONAL");

        boolean isPassed() {
            return PASSED.contains(behavior) && PASSED.contains(behaviorClose);
        }
    }

    /** @param home holds the suite's jars; reports go there */
    Autobahn(Path home) {
        this.home = home.toAbsolutePath();
    }

    /**
     * Runs cases against an echo server.
     *
     * @param cases patterns such as {@code 9.*}
     * @return verdicts by case, every case that was run
     * @throws IOException if the suite fails or hangs, with where its log is
     */
    Map<String, Verdict> run(String url, List<String> cases, Duration atMost) throws IOException, InterruptedException {
        var log = home.resolve("log.txt");
        var reports = home.resolve("reports");
        Files.deleteIfExists(reports.resolve("index.json"));
        var suite = start(specification(url, cases, reports), log);
        try {
            if (!suite.waitFor(atMost.toMillis(), TimeUnit.MILLISECONDS)) {
                throw new IOException("not done in " + atMost + ", see " + log);
            }
        } finally {
            suite.destroyForcibly().waitFor();
        }
        if (suite.exitValue() != 0) throw new IOException("failed with " + suite.exitValue() + ", see " + log);
        return verdicts(reports.resolve("index.json"));
    }

    private Path specification(String url, List<String> cases, Path reports) throws IOException {
        var file = home.resolve("specification.json");
        Json.MAPPER.writeValue(file.toFile(), Map.of(
                "outdir", reports.toString(),
                "servers", List.of(Map.of("agent", AGENT, "url", url, "options", Map.of("version", 18))),
                "failByDrop", false,
                "cases", cases,
                "exclude-cases", List.of(),
                "exclude-agent-cases", Map.of()));
        return file;
    }

    private Process start(Path specification, Path log) throws IOException {
        var suite = home.resolve("suite.jar");
        var jython = home.resolve("jython.jar");
        return new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx1g",
                "-Dpython.cachedir=" + home.resolve("cache"), "-cp", jython + ":" + suite, "org.python.util.jython",
                Path.of("src/test/resources/autobahn.py").toAbsolutePath().toString(), suite.toString(),
                specification.toString()).directory(home.toFile()).redirectErrorStream(true)
                .redirectOutput(log.toFile()).start();
    }

    private static Map<String, Verdict> verdicts(Path index) throws IOException {
        var agents = Json.MAPPER.readValue(index.toFile(), new TypeReference<Map<String, TreeMap<String, Verdict>>>() {
        });
        var verdicts = agents.get(AGENT);
        if (verdicts == null) throw new IOException("no verdicts in " + index);
        return verdicts;
    }
}
