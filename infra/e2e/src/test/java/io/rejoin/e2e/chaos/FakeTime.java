package io.rejoin.e2e.chaos;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;

/** libfaketime: gives a process another time of day and leaves its monotonic clock unchanged. */
final class FakeTime {
    private static final Path LIBRARIES = Path.of("/usr/lib");
    private static final String NAME = "libfaketime.so.1";

    private FakeTime() {}

    /** Whether the library is installed (Debian package faketime). */
    static boolean isAvailable() {
        return library().isPresent();
    }

    /** The environment variables that move a process's clock ahead, or back if {@code by} is negative. */
    static Map<String, String> environment(Duration by) {
        var library = library().orElseThrow(() -> new IllegalStateException(NAME + " is not installed"));
        return Map.of("LD_PRELOAD", library.toString(), "FAKETIME", (by.isNegative() ? "" : "+") + by.toSeconds(),
                "FAKETIME_DONT_FAKE_MONOTONIC", "1", "DONT_FAKE_MONOTONIC", "1");
    }

    private static Optional<Path> library() {
        try (var found = Files.find(LIBRARIES, 3, (path, _) -> path.endsWith(Path.of("faketime", NAME)))) {
            return found.findFirst();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot look for " + NAME, e);
        }
    }
}
