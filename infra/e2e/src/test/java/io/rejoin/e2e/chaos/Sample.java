package io.rejoin.e2e.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * Resources that all processes of a part use at one moment, from Linux's {@code /proc}.
 *
 * @param memoryKib proportional set size: memory that processes share counts once
 * @param files     open files, including sockets
 */
record Sample(long memoryKib, long threads, long files) {
    private static final Path PROC = Path.of("/proc");

    /** Sums the processes' samples; empty while none of them runs, or where there is no {@code /proc}. */
    static Optional<Sample> of(List<Long> pids) {
        return pids.stream().map(Sample::of).flatMap(Optional::stream).reduce(Sample::plus);
    }

    private Sample plus(Sample other) {
        return new Sample(memoryKib + other.memoryKib, threads + other.threads, files + other.files);
    }

    private static Optional<Sample> of(long pid) {
        var process = PROC.resolve(Long.toString(pid));
        try (var files = Files.list(process.resolve("fd"))) {
            return Optional.of(new Sample(number(process.resolve("smaps_rollup"), "Pss:"),
                    number(process.resolve("status"), "Threads:"), files.count()));
        } catch (IOException _) { // it has ended
            return Optional.empty();
        }
    }

    private static long number(Path file, String label) throws IOException {
        for (var line : Files.readAllLines(file)) {
            if (line.startsWith(label)) return Long.parseLong(line.substring(label.length()).replace("kB", "").strip());
        }
        throw new IOException(label + " is not in " + file);
    }
}
