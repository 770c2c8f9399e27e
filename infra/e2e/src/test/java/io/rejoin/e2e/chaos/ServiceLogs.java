package io.rejoin.e2e.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The log files of the services. */
record ServiceLogs(Path folder) {
    private static final Pattern ERROR = Pattern.compile("^\\d\\d:\\d\\d:\\d\\d\\.\\d{3} ERROR .*");

    /** The lines of level ERROR in the log of a process, including those of its earlier starts. */
    List<String> errors(String name) {
        var file = folder.resolve(name + ".log");
        if (!Files.exists(file)) return List.of();
        try (var lines = Files.lines(file)) {
            return lines.filter(line -> ERROR.matcher(line).matches()).toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + file, e);
        }
    }
}
