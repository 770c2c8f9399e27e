package io.rejoin.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** One service in a JVM of its own, with the class path of these tests. Its output goes to a file that failures quote. */
final class ServiceProcess implements AutoCloseable {
    private static final List<String> LEAN = List.of("-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
            "-Dsun.net.inetaddr.negative.ttl=0");

    private final String name;
    private final String main;
    private final Map<String, String> environment;
    private final Path output;
    private Process process;

    ServiceProcess(String name, String main, Map<String, String> environment, Path folder) {
        this.name = name;
        this.main = main;
        this.environment = environment;
        this.output = folder.resolve(name + ".log");
        this.process = launch();
    }

    String name() {
        return name;
    }

    long pid() {
        return process.pid();
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** SIGKILL: nothing in it runs any more. */
    void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** SIGTERM, and the end of it. */
    void terminate() {
        process.destroy();
        awaitEnd();
    }

    /** Starts it again, with the same configuration. */
    void restart() {
        if (process.isAlive()) throw new IllegalStateException(name + " still runs");
        process = launch();
    }

    /** The end of what it has said. */
    String tail() {
        try {
            var lines = Files.readAllLines(output);
            return String.join("\n", lines.subList(Math.max(0, lines.size() - 40), lines.size()));
        } catch (IOException e) {
            return "no output: " + e;
        }
    }

    @Override
    public void close() {
        kill();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(60, TimeUnit.SECONDS))
                throw new IllegalStateException(name + " does not end\n" + tail());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private Process launch() {
        var command = Jvm.command(LEAN, main);
        var builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile()));
        builder.environment().putAll(environment);
        try {
            return builder.start();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
