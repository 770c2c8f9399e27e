package io.rejoin.embedded;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ParentDeathIT {
    @TempDir
    private Path folder;

    @Test
    void bothServersDieWithAKilledParentAndTheFoldersServeTheNextOne() throws IOException {
        var parent = new ProcessBuilder(Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-cp",
                System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                ParentMain.class.getName(), folder.toString()).redirectError(folder.resolve("parent.err").toFile())
                .start();
        var children = List.<ProcessHandle>of();
        try (var lines = parent.inputReader(UTF_8)) {
            children = children(lines.lines());
            assertThat(children).as(() -> errors()).hasSize(2);
        } finally {
            parent.destroyForcibly();
        }
        for (var child : children) await().atMost(ofSeconds(60)).until(() -> !child.isAlive());

        try (var kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0);
                var postgres = EmbeddedPostgres.start(folder.resolve("postgres"), 0)) {
            assertThat(List.of(kafka.pid(), postgres.pid())).allMatch(pid -> ProcessHandle.of(pid).isPresent());
        }
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
