package io.rejoin.e2e.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the objects that are in use take in a JVM, which collects all its garbage for that. What the process takes says little
 * about leaks: a heap that may grow to some size does so, garbage and all.
 *
 * @param posts  that a router remembers, to know them again
 * @param stacks MiB of it that are the stacks of virtual threads that wait: how deep they are kept depends on how well the code was
 *               compiled when they began to
 */
public record LiveHeap(double mib, long posts, double stacks) {
    /** What a router's memory of a post takes, its share of the tables included, with ids as short as here. */
    private static final int POST_BYTES = 172;
    private static final String JCMD = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    private static final Pattern TOTAL = Pattern.compile("^Total +\\d+ +(\\d+)");
    private static final Pattern POSTS = Pattern
            .compile(" (\\d+) +\\d+ +io\\.rejoin\\.router\\.core\\.StateEntry\\$Post\\b");
    private static final Pattern STACKS = Pattern.compile(" \\d+ +(\\d+) +jdk\\.internal\\.vm\\.StackChunk\\b");
    private static final int PATIENCE_S = 30;
    private static final double MIB = 1024.0 * 1024;

    /** Without what grows by design, for hours, until as many posts are remembered as may be. */
    double mibWithoutPosts() {
        return mib - posts * POST_BYTES / MIB;
    }

    /** Nothing if there is no such JVM, or it does not answer. Not for the own: it would wait for itself. */
    public static Optional<LiveHeap> of(long pid) throws InterruptedException {
        try {
            var answer = Files.createTempFile("histogram", ".txt");
            try {
                return ask(pid, answer) ? read(Files.readAllLines(answer)) : Optional.empty();
            } finally {
                Files.delete(answer);
            }
        } catch (IOException _) {
            return Optional.empty();
        }
    }

    private static boolean ask(long pid, Path answer) throws IOException, InterruptedException {
        var jcmd = new ProcessBuilder(JCMD, String.valueOf(pid), "GC.class_histogram").redirectErrorStream(true)
                .redirectOutput(answer.toFile()).start();
        try {
            return jcmd.waitFor(PATIENCE_S, TimeUnit.SECONDS);
        } finally {
            jcmd.destroyForcibly();
        }
    }

    /** The histogram has a line {@code <rank>: <instances> <bytes> <class>} for each class, and a last one {@code Total ...}. */
    static Optional<LiveHeap> read(List<String> histogram) {
        var posts = first(POSTS, histogram).orElse(0);
        var stacks = first(STACKS, histogram).orElse(0) / MIB;
        return first(TOTAL, histogram).stream().mapToObj(total -> new LiveHeap(total / MIB, posts, stacks))
                .findFirst();
    }

    private static OptionalLong first(Pattern pattern, List<String> lines) {
        return lines.stream().map(pattern::matcher).filter(Matcher::find)
                .mapToLong(found -> Long.parseLong(found.group(1))).findFirst();
    }
}
