package io.rejoin.embedded;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Builds command prefixes, with programs of util-linux, that set a child's signals, session and user. Where a program
 * is missing (macOS), its prefix is empty. Children that survive a kill of the parent are then stopped at the next
 * start.
 */
final class Launch {
    /** The id of the user "nobody" on nearly every system. It needs no entry in the list of users. */
    private static final String NOBODY = "65534";

    private static final class Unprivileged {
        private static final List<String> PREFIX = unprivileged();
    }

    private Launch() {}

    /**
     * {@code command}, which gets {@code signal} when the thread that started it ends. The command also gets its own
     * session. So a Ctrl-C in the terminal reaches only the parent, which stops its children in the right order.
     *
     * @param signal the signal's name without SIG
     */
    static List<String> signalled(String signal, List<String> command) {
        var detached = program("setsid").map(setsid -> join(List.of(setsid), command)).orElse(command);
        return program("setpriv").map(setpriv -> join(List.of(setpriv, "--pdeathsig", signal), detached))
                .orElse(detached);
    }

    /**
     * {@code command} as a user other than root, as PostgreSQL requires. This prefix must be outside of
     * {@link #signalled}, because the kernel drops the parent-death signal when a process changes its user.
     */
    static List<String> notAsRoot(List<String> command) {
        return "root".equals(System.getProperty("user.name")) ? join(Unprivileged.PREFIX, command) : command;
    }

    /**
     * A prefix that removes root's rights. Where allowed, it creates a user namespace without a root; files then still
     * belong to this user. Elsewhere, as in many containers, it switches to the user "nobody", which keeps one
     * capability to access the data folder.
     */
    private static List<String> unprivileged() {
        var namespace = program("unshare").map(unshare -> List.of(unshare, "--user"));
        if (namespace.isPresent() && succeeds(join(namespace.get(), List.of("true")))) return namespace.get();
        return program("setpriv").map(setpriv -> List.of(setpriv, "--reuid=" + NOBODY, "--regid=" + NOBODY,
                "--clear-groups", "--inh-caps=-all,+dac_override", "--ambient-caps=-all,+dac_override"))
                .orElse(List.of());
    }

    private static boolean succeeds(List<String> command) {
        try {
            return new ProcessBuilder(command).redirectErrorStream(true).start().waitFor() == 0;
        } catch (IOException _) {
            return false;
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return false;
        }
    }

    private static Optional<String> program(String name) {
        return Stream.of(System.getenv().getOrDefault("PATH", "/usr/bin:/bin").split(File.pathSeparator, -1))
                .map(folder -> Path.of(folder, name)).filter(Files::isExecutable).map(Path::toString).findFirst();
    }

    private static List<String> join(List<String> prefix, List<String> command) {
        return Stream.concat(prefix.stream(), command.stream()).toList();
    }

    /** Sends a signal for which {@link ProcessHandle} has no method. */
    static void signal(String signal, long pid) {
        try {
            new ProcessBuilder("sh", "-c", "kill -s \"$0\" \"$1\"", signal, Long.toString(pid)).start().waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot signal process " + pid, e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
