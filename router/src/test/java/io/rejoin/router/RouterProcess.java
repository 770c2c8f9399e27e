package io.rejoin.router;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A router in its own JVM, so that tests can kill and stop it. */
final class RouterProcess implements AutoCloseable {
    private final Process process;

    RouterProcess(String bootstrapServers, Duration sessionTimeout) {
        this(bootstrapServers, sessionTimeout, "128m");
    }

    /** @param heap as in {@code -Xmx} */
    RouterProcess(String bootstrapServers, Duration sessionTimeout, String heap) {
        try {
            var arguments = Files.createTempFile("router", ".args");
            arguments.toFile().deleteOnExit();
            var classPath = System.getProperty("surefire.test.class.path", System.getProperty("java.class.path"));
            Files.writeString(arguments, "-cp \"" + classPath + "\"");
            var builder = new ProcessBuilder(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                    "-Xmx" + heap, "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "@" + arguments,
                    RouterMain.class.getName()));
            builder.environment().putAll(Map.of("KAFKA_BOOTSTRAP_SERVERS", bootstrapServers, "ROUTER_PARTITIONS", "1",
                    "ROUTER_SESSION_TIMEOUT", sessionTimeout.toString(),
                    "ROUTER_PORT", "0"));
            process = builder.inheritIO().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a signal such as STOP or CONT. */
    void signal(String name) throws Exception {
        var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
        if (kill.waitFor() != 0) throw new IllegalStateException("kill -" + name);
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** The size of all live objects, in MiB; runs a full collection first. */
    double liveMib() throws Exception {
        var jcmd = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "jcmd").toString(),
                Long.toString(process.pid()), "GC.class_histogram").start();
        var histogram = new String(jcmd.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        var total = Pattern.compile("^Total +\\d+ +(\\d+)", Pattern.MULTILINE).matcher(histogram);
        if (!total.find()) throw new IllegalStateException("no histogram of the router: " + histogram);
        return Long.parseLong(total.group(1)) / 1024.0 / 1024.0;
    }

    @Override
    public void close() {
        kill();
    }

    /** Sends SIGKILL and waits until the process has ended. */
    void kill() {
        try {
            process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
