package io.rejoin.e2e.chaos;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalDouble;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the objects that are in use take in a JVM, which collects all its garbage for that. What the process takes says little
 * about leaks: a heap that may grow to some size does so, garbage and all.
 */
final class LiveHeap {
    private static final String JCMD = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    private static final Pattern TOTAL = Pattern.compile("Total +\\d+ +(\\d+) *");
    private static final int PATIENCE_S = 30;
    private static final double MIB = 1024.0 * 1024;

    private LiveHeap() {}

    /** In MiB; nothing if there is no such JVM, or it does not answer. Not for the own: it would wait for itself. */
    static OptionalDouble of(long pid) throws InterruptedException {
        try {
            var answer = Files.createTempFile("histogram", ".txt");
            try {
                return ask(pid, answer) ? total(Files.readAllLines(answer)) : OptionalDouble.empty();
            } finally {
                Files.delete(answer);
            }
        } catch (IOException _) {
            return OptionalDouble.empty();
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

    /** The histogram's last line is {@code Total <instances> <bytes>}. */
    static OptionalDouble total(List<String> histogram) {
        return histogram.stream().map(TOTAL::matcher).filter(Matcher::matches)
                .mapToDouble(total -> Double.parseDouble(total.group(1)) / MIB).findFirst();
    }
}
