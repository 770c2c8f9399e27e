package io.rejoin.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.parallel.Execution;
import org.junit.jupiter.api.parallel.ExecutionMode;
import org.junit.jupiter.api.parallel.ResourceLock;

@Execution(ExecutionMode.CONCURRENT)
@ResourceLock("beside")
class ParentDeathIT {
    @TempDir
    private Path folder;

    @Test
    void bothServersDieWithAKilledParentAndTheFoldersServeTheNextOne() throws IOException {
        var children = orphans(System.getenv("PATH"), _ -> {});

        for (var child : children) await().atMost(ofSeconds(60)).until(() -> !child.isAlive());
        bothServe();
    }

    @Test
    void whatOutlivesItsParentIsStoppedAtTheNextStart() throws IOException {
        // Without setpriv the children get no signal. A stopped (SIGSTOP) broker also does not notice the end of its
        // input.
        var children = orphans(pathWith("unshare", "true").toString(), kafka -> Launch.signal("STOP", kafka.pid()));
        assertThat(children).allMatch(ProcessHandle::isAlive);

        bothServe();
        assertThat(children).noneMatch(ProcessHandle::isAlive);
    }

    /**
     * The broker and the database of a parent that was killed, broker first.
     *
     * @param dealWithBroker runs before the parent is killed
     */
    private List<ProcessHandle> orphans(String path, Consumer<ProcessHandle> dealWithBroker) throws IOException {
        var builder = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ParentMain.class.getName(), folder.toString()).redirectError(folder.resolve("parent.err").toFile());
        builder.environment().put("PATH", path);
        var parent = builder.start();
        try (var lines = parent.inputReader(UTF_8)) {
            var children = children(lines.lines());
            assertThat(children).as(() -> errors()).hasSize(2);
            dealWithBroker.accept(children.getFirst());
            return children;
        } finally {
            parent.destroyForcibly().onExit().join();
        }
    }

    private void bothServe() {
        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0);
                var postgres = EmbeddedPostgres.start(folder.resolve("postgres"), 0)) {
            assertThat(List.of(kafka.pid(), postgres.pid())).allMatch(pid -> ProcessHandle.of(pid).isPresent());
        }
    }

    /** A folder for {@code PATH} in which only these programs are found. */
    private Path pathWith(String... programs) throws IOException {
        var path = Files.createDirectory(folder.resolve("path"));
        for (var program : programs) {
            var script = Files.writeString(path.resolve(program),
                    "#!/bin/sh\nPATH=/usr/bin:/bin exec " + program + " \"$@\"\n");
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        return path;
    }

    private static List<ProcessHandle> children(Stream<String> output) {
        return output.filter(line -> line.startsWith("pids ")).findFirst().stream()
                .flatMap(line -> Stream.of(line.substring(5).split(" ", -1))).map(Long::parseLong)
                .flatMap(pid -> ProcessHandle.of(pid).stream()).toList();
    }

    private String errors() {
        try {
            return Files.readString(folder.resolve("parent.err"));
        } catch (IOException e) {
            return e.toString();
        }
    }
}
