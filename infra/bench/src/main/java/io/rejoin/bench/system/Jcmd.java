package io.rejoin.bench.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Orders to JVMs of this user, by the JDK's program for that. */
final class Jcmd {
    private static final String PROGRAM = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    private static final int PATIENCE_S = 30;

    private Jcmd() {}

    /** A full collection, after which the heap is made smaller where that is allowed. */
    static void collectGarbage(long pid) {
        try {
            var jcmd = new ProcessBuilder(PROGRAM, Long.toString(pid), "GC.run").redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!jcmd.waitFor(PATIENCE_S, TimeUnit.SECONDS)) jcmd.destroyForcibly();
        } catch (IOException e) {
            throw new UncheckedIOException("ask process " + pid + " to collect its garbage", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
