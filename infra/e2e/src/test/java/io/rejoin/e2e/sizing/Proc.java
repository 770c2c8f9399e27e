package io.rejoin.e2e.sizing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** Resources that processes have used, from Linux's {@code /proc}. */
public final class Proc {
    private static final Path PROC = Path.of("/proc");
    /** Milliseconds of a clock tick: USER_HZ is 100 on every current architecture. */
    private static final long TICK_MS = 10;
    /**
     * Index from the state, which is the first field after the name. The name is in parentheses and may have spaces.
     */
    private static final int UTIME = 11;
    private static final int CSTIME = 14;
    /** Indexes of a processor's busy times: user, nice, system, irq, softirq, steal; without idle and iowait. */
    private static final List<Integer> BUSY = List.of(1, 2, 3, 6, 7, 8);

    private Proc() {}

    /**
     * CPU time of all threads of these processes, user and system, since they began. It includes children that have
     * ended and for which their parent waited. PostgreSQL, for example, has a process for each connection. Any other
     * process that has ended counts as 0.
     */
    public static Duration cpu(List<Long> pids) {
        return pids.stream().map(Proc::cpu).reduce(Duration.ZERO, Duration::plus);
    }

    private static Duration cpu(long pid) {
        try {
            return cpu(Files.readString(PROC.resolve(pid + "/stat")));
        } catch (IOException _) {
            return Duration.ZERO;
        }
    }

    /** Parses {@code /proc/PID/stat}: proc_pid_stat(5). */
    static Duration cpu(String stat) {
        var fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        return Duration.ofMillis(TICK_MS * fields.subList(UTIME, CSTIME + 1).stream().mapToLong(Long::parseLong).sum());
    }

    /**
     * CPU time of all processors that were not idle, since the machine started. It includes the time that other virtual
     * machines took.
     */
    public static Duration busy() {
        try {
            return busy(Files.readAllLines(PROC.resolve("stat")).getFirst());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Parses the line {@code cpu} of {@code /proc/stat}: proc_stat(5). */
    static Duration busy(String line) {
        var fields = List.of(line.split(" +", -1));
        return Duration.ofMillis(TICK_MS * BUSY.stream().mapToLong(field -> Long.parseLong(fields.get(field))).sum());
    }

    /**
     * Resident memory of a process in bytes. It is 0 for a process that has ended, even while its parent has not waited
     * for it. Redis, for example, sometimes starts a child process that rewrites its file.
     */
    public static long rss(long pid) {
        try {
            return kib(Files.readAllLines(PROC.resolve(pid + "/status")), "VmRSS:").orElse(0) * 1024;
        } catch (IOException _) {
            return 0;
        }
    }

    /** Memory of the whole machine that the kernel uses for its own objects, including sockets, in bytes. */
    static long slab() {
        try {
            return kib(Files.readAllLines(PROC.resolve("meminfo")), "Slab:").orElseThrow() * 1024;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static OptionalLong kib(List<String> lines, String label) {
        return lines.stream().filter(line -> line.startsWith(label))
                .mapToLong(line -> Long.parseLong(line.substring(label.length()).replace("kB", "").strip()))
                .findFirst();
    }
}
