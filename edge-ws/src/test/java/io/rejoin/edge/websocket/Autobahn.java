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
import java.util.function.IntSupplier;

/**
 * Runs the Autobahn Testsuite, an independent conformance test for RFC 6455. The suite is a client in a JVM of its own,
 * started from jars that Maven has copied.
 */
final class Autobahn {
    private static final String AGENT = "rejoin";
    /** The suite counts as hung after this time without output. No case takes this long on any machine. */
    private static final Duration SILENCE = Duration.ofMinutes(2);

    private final Path home;

    /** The verdict on one case, in the suite's words. */
    record Verdict(String behavior, String behaviorClose) {
        private static final List<String> PASSED = List.of("OK", "NON-STRICT", "INFORMATIONAL");

        boolean isPassed() {
            return PASSED.contains(behavior) && PASSED.contains(behaviorClose);
        }
    }

    /** @param home the folder with the suite's jars; reports are written there */
    Autobahn(Path home) {
        this.home = home.toAbsolutePath();
    }

    /**
     * Runs cases against an echo server. Very rarely the suite hangs, for a reason that was never found. If the server
     * has no connection then, the server cannot be the reason, and the suite is run once more.
     *
     * @param cases       patterns such as {@code 9.*}
     * @param connections the number of connections that the server has now
     * @return the verdict on each case that was run
     * @throws IOException if the suite fails or hangs; the message says where its log is
     */
    Map<String, Verdict> run(String url, List<String> cases, Duration atMost, IntSupplier connections)
            throws IOException, InterruptedException {
        if (!isDone(url, cases, atMost)) {
            var open = connections.getAsInt();
            var hung = "hung after \"" + lastLine() + "\" while the server had " + open + " connections, see " + home
                    + ", threads.txt and log.txt";
            if (open > 0) throw new IOException(hung);
            System.err.println("the Autobahn Testsuite " + hung + "; it is run again");
            if (!isDone(url, cases, atMost)) throw new IOException("twice: " + hung);
        }
        return verdicts(home.resolve("reports").resolve("index.json"));
    }

    /** Whether the suite ran to its end; false if it hung. */
    private boolean isDone(String url, List<String> cases, Duration atMost) throws IOException, InterruptedException {
        var reports = home.resolve("reports");
        Files.deleteIfExists(reports.resolve("index.json"));
        var suite = start(specification(url, cases, reports));
        try {
            if (isStuck(suite, atMost)) {
                dumpThreads(suite);
                return false;
            }
        } finally {
            suite.destroyForcibly().waitFor();
        }
        if (suite.exitValue() != 0) throw new IOException("failed with " + suite.exitValue() + ", see " + log());
        return true;
    }

    /**
     * Waits until the suite ends or hangs. The suite prints each case as it begins, so a long silence means that it
     * hangs.
     */
    private boolean isStuck(Process suite, Duration atMost) throws IOException, InterruptedException {
        var until = System.nanoTime() + atMost.toNanos();
        var size = 0L;
        var grownAt = System.nanoTime();
        while (!suite.waitFor(200, TimeUnit.MILLISECONDS)) {
            var now = System.nanoTime();
            if (Files.size(log()) != size) grownAt = now;
            size = Files.size(log());
            if (now - grownAt > SILENCE.toNanos() || now > until) return true;
        }
        return false;
    }

    private void dumpThreads(Process suite) throws IOException, InterruptedException {
        var dump = new ProcessBuilder(program("jcmd"), Long.toString(suite.pid()), "Thread.print").redirectErrorStream(
                true).redirectOutput(home.resolve("threads.txt").toFile()).start();
        if (!dump.waitFor(30, TimeUnit.SECONDS)) dump.destroyForcibly();
    }

    private String lastLine() throws IOException {
        var lines = Files.readAllLines(log());
        return lines.isEmpty() ? "" : lines.getLast();
    }

    private Path log() {
        return home.resolve("log.txt");
    }

    private static String program(String name) {
        return Path.of(System.getProperty("java.home"), "bin", name).toString();
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

    private Process start(Path specification) throws IOException {
        var suite = home.resolve("suite.jar");
        var jython = home.resolve("jython.jar");
        return new ProcessBuilder(program("java"), "-Xmx1g",
                "-Dpython.cachedir=" + home.resolve("cache"), "-cp", jython + ":" + suite, "org.python.util.jython",
                Path.of("src/test/resources/autobahn.py").toAbsolutePath().toString(), suite.toString(),
                specification.toString()).directory(home.toFile()).redirectErrorStream(true)
                .redirectOutput(log().toFile()).start();
    }

    private static Map<String, Verdict> verdicts(Path index) throws IOException {
        var agents = Json.MAPPER.readValue(index.toFile(), new TypeReference<Map<String, TreeMap<String, Verdict>>>() {
        });
        var verdicts = agents.get(AGENT);
        if (verdicts == null) throw new IOException("no verdicts in " + index);
        return verdicts;
    }
}
