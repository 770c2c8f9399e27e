package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

/** Tests the whole system as a newcomer starts it: one process with two children. */
@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class FirstRunIT {
    @TempDir
    private Path folder;

    @Test
    void itStartsChatsStopsCleanlyAndHasTheOldMessagesTheNextTime() throws Exception {
        var port = Cluster.freePort();
        var first = start(port);
        var children = first.descendants().toList();
        try (var ann = Client.connect(edge(port, "/ws/home?name=ann"));
                var bob = Client.connect(edge(port, "/?room=home&name=bob"))) {
            ann.await("join_ack");
            bob.await("join_ack");
            ann.post("home", "m1", "hello");
            assertThat(bob.await("message").path("text").asText()).isEqualTo("hello");
        } finally {
            interrupt(first);
        }
        assertThat(children).hasSizeGreaterThanOrEqualTo(2).noneMatch(ProcessHandle::isAlive);

        var second = start(port);
        try (var ann = Client.connect(edge(port, "/ws?name=ann"))) {
            ann.send("{\"event\":\"join\",\"room\":\"home\",\"after\":0}");
            assertThat(ann.await("message").path("id").asText()).isEqualTo("m1");
            assertThat(ann.await("resync").path("outcome").asText()).isEqualTo("full");
        } finally {
            interrupt(second);
        }
    }

    @Test
    void noChildOutlivesAKilledParent() throws Exception {
        var process = start(Cluster.freePort());
        var children = process.descendants().toList();
        assertThat(children).hasSizeGreaterThanOrEqualTo(2);

        process.destroyForcibly();

        await().atMost(Cluster.PATIENCE).until(() -> children.stream().noneMatch(ProcessHandle::isAlive));
    }

    private Process start(int port) throws IOException {
        var process = launch(port);
        await().atMost(Cluster.PATIENCE).until(() -> !process.isAlive() || output().contains("ready"));
        assertThat(process.isAlive()).as(output()).isTrue();
        return process;
    }

    private Process launch(int port) throws IOException {
        Files.deleteIfExists(folder.resolve("output"));
        var command = new ArrayList<>(asOnATerminal());
        command.addAll(Jvm.command(List.of("-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
                "io.rejoin.standalone.StandaloneMain", "--data",
                folder.resolve("data").toString(), "--port", "" + port));
        return new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve("output").toFile()).start();
    }

    /**
     * Resets the handling of SIGINT. A shell ignores SIGINT in what it starts in the background, perhaps these tests.
     * Child processes inherit that.
     */
    private static List<String> asOnATerminal() {
        return System.getProperty("os.name", "").equals("Linux") ? List.of("env", "--default-signal=INT") : List.of();
    }

    /** Sends SIGINT, as Ctrl-C does. */
    private void interrupt(Process process) throws Exception {
        new ProcessBuilder("kill", "-INT", "" + process.pid()).inheritIO().start().waitFor();
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).as(output()).isTrue();
    }

    private String output() throws IOException {
        return Files.exists(folder.resolve("output")) ? Files.readString(folder.resolve("output")) : "";
    }

    private static URI edge(int port, String pathAndQuery) {
        return URI.create("ws://127.0.0.1:" + port + pathAndQuery);
    }
}
