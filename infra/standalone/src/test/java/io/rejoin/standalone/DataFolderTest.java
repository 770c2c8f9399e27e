package io.rejoin.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataFolderTest {
    @TempDir
    private Path temporary;

    @Test
    void theStandardFolderFollowsTheXdgRules() {
        assertThat(DataFolder.standard(Map.of(), "/home/ada")).isEqualTo(Path.of("/home/ada/.local/share/rejoin"));
        assertThat(DataFolder.standard(Map.of("HOME", "/tmp/ada"), "/home/ada"))
                .isEqualTo(Path.of("/tmp/ada/.local/share/rejoin"));
        assertThat(DataFolder.standard(Map.of("XDG_DATA_HOME", "/data"), "/home/ada"))
                .isEqualTo(Path.of("/data/rejoin"));
        assertThat(DataFolder.standard(Map.of("XDG_DATA_HOME", "relative"), "/home/ada"))
                .isEqualTo(Path.of("/home/ada/.local/share/rejoin"));
    }

    @Test
    void aFolderWithOtherFilesIsRefusedAndLeftAlone() throws IOException {
        var foreign = Files.writeString(temporary.resolve("thesis.txt"), "years of work");

        assertThatThrownBy(() -> DataFolder.take(temporary, true)).isInstanceOf(UserErrorException.class)
                .hasMessageContaining("not Rejoin's").hasMessageContaining("--data");
        assertThat(temporary).isDirectoryContaining(foreign::equals);
        try (var files = Files.list(temporary)) {
            assertThat(files).hasSize(1);
        }
    }

    @Test
    void freshDeletesWhatIsOursAndNothingElse() throws IOException {
        var folder = temporary.resolve("data");
        DataFolder.take(folder, false).close();
        var segment = folder.resolve("kafka/log/0.log");
        Files.createDirectories(segment.resolveSibling("."));
        Files.writeString(segment, "records");
        var note = Files.writeString(folder.resolve("note.txt"), "put here by somebody");

        try (var fresh = DataFolder.take(folder, true)) {
            assertThat(fresh.kafka()).doesNotExist();
            assertThat(note).exists();
        }
    }

    @Test
    void dataStaysWithoutFresh() throws IOException {
        try (var first = DataFolder.take(temporary.resolve("data"), false)) {
            Files.createDirectories(first.postgres());
        }
        try (var second = DataFolder.take(temporary.resolve("data"), false)) {
            assertThat(second.postgres()).isDirectory();
        }
    }

    @Test
    void oneInstanceAtATime() {
        try (var _ = DataFolder.take(temporary.resolve("data"), false)) {
            assertThatThrownBy(() -> DataFolder.take(temporary.resolve("data"), false))
                    .isInstanceOf(UserErrorException.class).hasMessageContaining("in use");
        }
    }

    @Test
    void theEnvironmentFileIsItsOwnersAndGoesWithTheInstance() throws IOException {
        var file = temporary.resolve("data").resolve("env");
        try (var folder = DataFolder.take(temporary.resolve("data"), false)) {
            folder.writeEnvironment(List.of("export A='b'"));
            assertThat(file).hasContent("export A='b'");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file))).isEqualTo("rw-------");
        }
        assertThat(file).doesNotExist();
    }
}
