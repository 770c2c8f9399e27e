package io.rejoin.embedded;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Command prefixes from util-linux: the child gets a signal when its parent dies, and PostgreSQL, which refuses to run as
 * root, runs as nobody. Where a program is missing (macOS), the prefix is empty and what is left over is stopped at the next
 * start.
 */
final class ParentDeath {
    private ParentDeath() {}

    /**
     * {@code command}, ended by {@code signal} (a name without SIG) when the thread that started it ends; in a session of its
     * own, so that a Ctrl-C in the terminal reaches the parent only, which stops its children in the right order.
     */
    static List<String> signalled(String signal, List<String> command) {
        var detached = program("setsid").map(setsid -> join(List.of(setsid), command)).orElse(command);
        return program("setpriv").map(setpriv -> join(List.of(setpriv, "--pdeathsig", signal), detached))
                .orElse(detached);
    }

    /** {@code command}, in a user namespace where this user is not root; files it writes still belong to this user. */
    static List<String> notAsRoot(List<String> command) {
        if (!"root".equals(System.getProperty("user.name"))) return command;
        return program("unshare").map(unshare -> join(List.of(unshare, "--user"), command)).orElse(command);
    }

    private static Optional<String> program(String name) {
        for (var folder : System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator, -1)) {
            var file = Path.of(folder, name);
            if (Files.isExecutable(file)) return Optional.of(file.toString());
        }
        return Optional.empty();
    }

    private static List<String> join(List<String> prefix, List<String> command) {
        var joined = new ArrayList<>(prefix);
        joined.addAll(command);
        return joined;
    }

    /** Sends a signal that {@link ProcessHandle} has no method for. */
    static void signal(String signal, long pid) {
        try {
            new ProcessBuilder("sh", "-c", "kill -s \"$0\" \"$1\"", signal, Long.toString(pid)).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("signal process " + pid, e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
