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

/** Containers that {@code docker compose} runs, by the file {@code .env} of a folder. */
final class Compose {
    private final Path folder;
    private final Properties settings = new Properties();

    /** @param folder where the compose files are */
    Compose(Path folder) {
        this.folder = folder;
        var file = folder.resolve(".env");
        if (!Files.exists(file)) return; // whoever then asks is told
        try (var in = Files.newBufferedReader(file)) {
            settings.load(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A variable of the file {@code .env}. */
    String setting(String name) {
        @Nullable
        String value = settings.getProperty(name);
        if (value == null) throw new IllegalStateException(folder + "/.env says nothing of " + name);
        return value;
    }

    /** What {@code docker compose} prints. */
    String run(String... arguments) {
        var command = new ArrayList<>(List.of("docker", "compose"));
        command.addAll(List.of(arguments));
        return output(command);
    }

    /** What {@code docker} prints. */
    String docker(String... arguments) {
        var command = new ArrayList<>(List.of("docker"));
        command.addAll(List.of(arguments));
        return output(command);
    }

    /** What a line that an operator types prints. */
    String type(String line) {
        return output(List.of("bash", "-c", line));
    }

    /** Sets a variable of the file {@code .env}; commands from now on see it. */
    void set(String name, String value) {
        settings.setProperty(name, value);
        try {
            Files.writeString(folder.resolve(".env"), name + "=" + value + "\n", StandardOpenOption.APPEND);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The ids of a service's containers that run. */
    List<String> containers(String service) {
        return run("ps", "-q", service).lines().toList();
    }

    /** Ends a container's process as a crash does. {@code docker kill} would be taken for a wish that it stay away. */
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
