package io.rejoin.bench.report;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;

/** Where it was measured, and when: figures of two machines cannot be compared. */
public record Machine(String began, int processors, String model, String kernel, String java) {
    /** This one, now. */
    public static Machine here(Instant now) {
        return new Machine(now.toString(), Runtime.getRuntime().availableProcessors(), processor(),
                System.getProperty("os.name") + " " + System.getProperty("os.version"),
                System.getProperty("java.vm.version"));
    }

    /** Whether figures of both can be compared. */
    public boolean isLike(Machine other) {
        return processors == other.processors && model.equals(other.model) && kernel.equals(other.kernel)
                && java.equals(other.java);
    }

    /** The same, where something was measured before already. */
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
