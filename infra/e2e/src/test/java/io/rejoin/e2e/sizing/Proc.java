package io.rejoin.e2e.sizing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;

/** What processes have used, as Linux tells in {@code /proc}. */
public final class Proc {
    private static final Path PROC = Path.of("/proc");
    /** USER_HZ, which is 100 for every architecture of today. */
    private static final long TICK_MS = 10;
    /** Counted from the state, the first field behind the name, which is in parentheses and may hold blanks. */
    private static final int UTIME = 11;
    private static final int CSTIME = 14;
    /** Of a processor's times: user, nice, system, irq, softirq, steal; not idle, iowait. */
    private static final List<Integer> BUSY = List.of(1, 2, 3, 6, 7, 8);

    private Proc() {}

    /**
     * CPU time of all threads of these processes, user and system, since they began. Children that have ended are in it, since
     * their parent waited for them (PostgreSQL's processes come and go with connections); else a process that has ended counts
     * nothing.
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

    /** Of the line in {@code /proc/PID/stat}: proc_pid_stat(5). */
    static Duration cpu(String stat) {
        var fields = List.of(stat.substring(stat.lastIndexOf(')') + 2).split(" ", -1));
        return Duration.ofMillis(TICK_MS * fields.subList(UTIME, CSTIME + 1).stream().mapToLong(Long::parseLong).sum());
    }

    /** CPU time of all processors that were not idle, since the machine started; what other virtual machines took is in it. */
    public static Duration busy() {
        try {
            return busy(Files.readAllLines(PROC.resolve("stat")).getFirst());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Of the line {@code cpu} in {@code /proc/stat}: proc_stat(5). */
    static Duration busy(String line) {
        var fields = List.of(line.split(" +", -1));
        return Duration.ofMillis(TICK_MS * BUSY.stream().mapToLong(field -> Long.parseLong(fields.get(field))).sum());
    }

    /**
     * Memory of a process that is in RAM, in bytes. A process that has ended has none, also while its parent has not waited for it:
     * Redis, for one, now and then starts a child process that rewrites its file.
     */
    public static long rss(long pid) {
        try {
            return kib(Files.readAllLines(PROC.resolve(pid + "/status")), "VmRSS:").orElse(0) * 1024;
        } catch (IOException _) {
            return 0;
        }
    }

    /** What the kernel holds for its own objects, sockets among them, in bytes; of the whole machine. */
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
