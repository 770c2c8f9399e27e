package io.rejoin.standalone;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rejoin.embedded.Ports;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class StandaloneIT {
    @TempDir
    private Path temporary;

    private final List<Process> processes = new ArrayList<>();

    @AfterEach
    void killWhatIsLeft() {
        for (var process : processes) {
            var children = process.descendants().toList();
            process.destroyForcibly().onExit().join();
            // The children end without a signal from here, and write to the folder until then.
            for (var child : children) child.onExit().orTimeout(60, SECONDS).join();
        }
    }

    @Test
    void itServesIsHealthyStopsQuietlyAndLeavesNoProcess() throws Exception {
        var port = Ports.free();
        var standalone = start("--data", data(), "--port", Integer.toString(port));
        try (var output = standalone.inputReader(UTF_8)) {
            assertThat(output.readLine()).as(() -> errors()).startsWith("ready  http://localhost:" + port);
            assertThat(output.readLine()).isEqualTo("data   " + data());
            assertThat(output.readLine()).isEqualTo("stop   Ctrl-C");
            await().atMost(Duration.ofSeconds(60)).untilAsserted(() -> assertThat(health(port)).isEqualTo(200));
            var children = standalone.descendants().toList();
            assertThat(children).isNotEmpty();

            standalone.toHandle().destroy(); // SIGTERM; Process.destroy would also close the unread output

            assertThat(standalone.waitFor(60, SECONDS)).isTrue();
            assertThat(standalone.exitValue()).as(() -> errors()).isZero();
            assertThat(children).noneMatch(ProcessHandle::isAlive);
            assertThat(output.readLine()).isNull();
        }
        assertThat(errors()).doesNotContain("Exception", "ERROR");
    }

    @Test
    void infrastructureAloneSaysHowToUseIt() throws Exception {
        var standalone = start("--data", data(), "--infra-only");
        try (var output = standalone.inputReader(UTF_8)) {
            var lines = exports(output);
            assertThat(lines).as(() -> errors()).allMatch(line -> line.startsWith("export "))
                    .anyMatch(line -> line.startsWith("export KAFKA_BOOTSTRAP_SERVERS='127.0.0.1:"))
                    .anyMatch(line -> line.startsWith("export HISTORY_JDBC_URL='jdbc:postgresql://127.0.0.1:"));
            assertThat(Files.readAllLines(Path.of(data(), "env"))).isEqualTo(lines);
        }
    }

    @Test
    void aTakenPortIsSaidInOneLineBeforeAnythingIsStarted() throws Exception {
        var port = Ports.free();
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            var standalone = start("--data", data(), "--port", Integer.toString(port));

            assertThat(standalone.waitFor(60, SECONDS)).isTrue();
            assertThat(standalone.exitValue()).isEqualTo(2);
        }
        assertThat(errors())
                .isEqualToIgnoringNewLines("rejoin: port " + port + " is taken; choose another with --port");
        assertThat(Path.of(data())).doesNotExist();
    }

    /** Reads all lines up to the last export. The process keeps running. */
    private static List<String> exports(BufferedReader output) throws IOException {
        var lines = new ArrayList<String>();
        for (var line = output.readLine(); line != null; line = output.readLine()) {
            lines.add(line);
            if (line.startsWith("export ROUTER_SESSION_TIMEOUT=")) break;
        }
        return lines;
    }

    private static int health(int port) throws IOException, InterruptedException {
        try (var client = HttpClient.newHttpClient()) {
            var request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/health"))
                    .timeout(Duration.ofSeconds(10)).build();
            return client.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
        }
    }

    /** Starts standalone like a user does, in its own process. */
    private Process start(String... arguments) throws IOException {
        var command = new ArrayList<>(List.of(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                "-Dlogback.configurationFile=logback.xml", StandaloneMain.class.getName()));
        command.addAll(List.of(arguments));
        var process = new ProcessBuilder(command).redirectError(temporary.resolve("errors").toFile()).start();
        processes.add(process);
        return process;
    }

    private String data() {
        return temporary.resolve("data").toString();
    }

    private String errors() {
        try {
            return Files.readString(temporary.resolve("errors"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
