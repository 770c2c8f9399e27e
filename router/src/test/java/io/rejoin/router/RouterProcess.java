package io.rejoin.router;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A router in a JVM of its own, to be killed and stopped. */
final class RouterProcess implements AutoCloseable {
    private final Process process;

    RouterProcess(String bootstrapServers, Duration sessionTimeout) {
        this(bootstrapServers, sessionTimeout, "128m");
    }

    /** @param heap as {@code -Xmx} takes it */
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
                    "ROUTER_DELIVERY_PARTITIONS", "1", "ROUTER_SESSION_TIMEOUT", sessionTimeout.toString(),
                    "ROUTER_PORT", "0"));
            process = builder.inheritIO().start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** SIGSTOP, SIGCONT, ... */
    void signal(String name) throws Exception {
        var kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).inheritIO().start();
        if (kill.waitFor() != 0) throw new IllegalStateException("kill -" + name);
    }

    @Override
    public void close() {
        kill();
    }

    /** SIGKILL; returns when nothing of it runs any more. */
    void kill() {
        try {
            process.destroyForcibly().waitFor(60, TimeUnit.SECONDS);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
