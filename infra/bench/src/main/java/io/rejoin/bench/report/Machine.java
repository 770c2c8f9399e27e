package io.rejoin.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Where and when a run was measured. Figures of different machines cannot be compared. */
public record Machine(String began, int processors, String model, String kernel, String java) {
    /** This machine, with {@code now} as the begin. */
    public static Machine here(Instant now) {
        return new Machine(now.toString(), Runtime.getRuntime().availableProcessors(), processor(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.version"));
    }

    /** Whether figures of both machines can be compared. */
    public boolean isLike(Machine other) {
        return processors == other.processors && model.equals(other.model) && kernel.equals(other.kernel)
                && java.equals(other.java);
    }

    /** This machine, with the earlier of both begins. */
    public Machine since(Machine earlier) {
        return new Machine(began.compareTo(earlier.began) < 0 ? began : earlier.began, processors, model, kernel, java);
    }

    private static String processor() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("model name")).findFirst()
                    .map(line -> line.substring(line.indexOf(':') + 1).strip()).orElse("unknown");
        } catch (IOException _) {
            return "unknown";
        }
    }
}
