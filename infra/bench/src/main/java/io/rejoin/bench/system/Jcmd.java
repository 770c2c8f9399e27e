package io.rejoin.bench.system;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/** Sends commands to JVMs of this user, with the JDK's {@code jcmd}. */
final class Jcmd {
    private static final String PROGRAM = Path.of(System.getProperty("java.home"), "bin", "jcmd").toString();
    private static final int PATIENCE_S = 30;

    private Jcmd() {}

    /** Runs a full garbage collection. The JVM may then shrink its heap. */
    static void collectGarbage(long pid) {
        try {
            var jcmd = new ProcessBuilder(PROGRAM, Long.toString(pid), "GC.run").redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD).start();
            if (!jcmd.waitFor(PATIENCE_S, TimeUnit.SECONDS)) jcmd.destroyForcibly();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot make process " + pid + " collect its garbage", e);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
