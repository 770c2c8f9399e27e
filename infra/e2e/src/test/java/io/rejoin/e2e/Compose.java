package io.rejoin.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import org.jspecify.annotations.Nullable;

/** Runs {@code docker compose} and {@code docker} in a folder, with that folder's file {@code .env}. */
final class Compose {
    private final Path folder;
    private final Properties settings = new Properties();

    /** @param folder that holds the compose files */
    Compose(Path folder) {
        this.folder = folder;
        var file = folder.resolve(".env");
        if (!Files.exists(file)) return; // then setting() fails with a message
        try (var in = Files.newBufferedReader(file)) {
            settings.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a variable of the file {@code .env}. */
    String setting(String name) {
        @Nullable
        String value = settings.getProperty(name);
        if (value == null) throw new IllegalStateException(folder + "/.env says nothing of " + name);
        return value;
    }

    /** Runs {@code docker compose} and returns its output. */
    String run(String... arguments) {
        var command = new ArrayList<>(List.of("docker", "compose"));
        command.addAll(List.of(arguments));
        return output(command);
    }

    /** Runs {@code docker} and returns its output. */
    String docker(String... arguments) {
        var command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return output(command);
    }

    /** Runs a shell command line as an operator types it, and returns its output. */
    String type(String line) {
        return output(List.of("bash", "-c", line));
    }

    /** Sets a variable in the file {@code .env}; later commands use it. */
    void set(String name, String value) {
        settings.setProperty(name, value);
        try {
            Files.writeString(folder.resolve(".env"), name + "=" + value + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The ids of a service's running containers. */
    List<String> containers(String service) {
        return run("ps", "-q", service).lines().toList();
    }

    /**
     * Kills a container's process with SIGKILL, like a crash. After {@code docker kill} Docker would not restart the
     * container.
     */
    void kill(String container) {
        output(List.of("kill", "-KILL", docker("inspect", "-f", "{{.State.Pid}}", container)));
    }

    boolean isHealthy(String container) {
        return docker("inspect", "-f", "{{.State.Health.Status}}", container).equals("healthy");
    }

    int exitCode(String container) {
        return Integer.parseInt(docker("inspect", "-f", "{{.State.ExitCode}}", container));
    }

    private String output(List<String> command) {
        try {
            var process = new ProcessBuilder(command).directory(folder.toFile()).redirectErrorStream(true).start();
            var output = new String(process.getInputStream().readAllBytes(), UTF_8).strip();
            if (process.waitFor() != 0) throw new IllegalStateException(String.join(" ", command) + ": " + output);
            return output;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
