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
 * The size of the live objects in a JVM's heap. Measuring it runs a full garbage collection there. The size of the
 * process says little about leaks: a heap grows to its limit, garbage included.
 *
 * @param mib    all live objects
 * @param posts  instances of {@code StateEntry.Post}. A router now packs its remembered posts in columns, so these are
 *               few
 * @param stacks MiB in the stacks of waiting virtual threads. Their depth depends on how well the code was compiled
 *               when they began to wait
 */
public record LiveHeap(double mib, long posts, double stacks) {
    /**
     * Bytes that one remembered post took as an object, including its share of the tables, with ids as short as here.
     */
    private static final int POST_BYTES = 172;
    private static final String JCMD = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    private static final Pattern TOTAL = Pattern.compile("^Total +\\d+ +(\\d+)");
    private static final Pattern POSTS = Pattern
            .compile(" (\\d+) +\\d+ +io\\.rejoin\\.router\\.core\\.StateEntry\\$Post\\b");
    private static final Pattern STACKS = Pattern.compile(" \\d+ +(\\d+) +jdk\\.internal\\.vm\\.StackChunk\\b");
    private static final int PATIENCE_S = 30;
    private static final double MIB = 1024.0 * 1024;

    /**
     * The live heap without {@link #posts}, at a fixed size each. It was meant to remove what grows by design for
     * hours.
     */
    double mibWithoutPosts() {
        return mib - posts * POST_BYTES / MIB;
    }

    /** Measures a JVM; empty if it does not exist or does not answer. Not for this JVM: it would wait for itself. */
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

    /** Parses a histogram: lines {@code <rank>: <instances> <bytes> <class>}, then a line {@code Total ...}. */
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
