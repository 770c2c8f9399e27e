package io.rejoin.bench.system;

import io.rejoin.e2e.sizing.Proc;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Resources that a deployment's processes have used, in total or between two moments.
 *
 * @param nanos    {@link System#nanoTime}, or the length of the time between both moments
 * @param cpu      CPU time, user and system, by part
 * @param machine  CPU time of all processors, for all processes of the machine
 * @param rss      resident memory in bytes by part, at the end; shared pages count for each process
 * @param requests number of requests that the broker received, by kind
 */
public record Usage(long nanos, Map<String, Duration> cpu, Duration machine, Map<String, Long> rss,
        Map<String, Long> requests) {
    /** The usage until now. */
    public static Usage of(Deployment deployment) {
        var cpu = new LinkedHashMap<String, Duration>();
        var rss = new LinkedHashMap<String, Long>();
        deployment.pids().forEach((part, pids) -> {
            cpu.put(part, Proc.cpu(pids));
            rss.put(part, rss(pids));
        });
        return new Usage(System.nanoTime(), cpu, Proc.busy(), rss, new TreeMap<>(deployment.requests()));
    }

    private static long rss(List<Long> pids) {
        return pids.stream().filter(pid -> ProcessHandle.of(pid).isPresent()).mapToLong(Proc::rss).sum();
    }

    public Usage since(Usage before) {
        var used = new LinkedHashMap<String, Duration>();
        cpu.forEach((part, time) -> used.put(part, time.minus(before.cpu(part))));
        var asked = new TreeMap<String, Long>();
        requests.forEach((kind, count) -> asked.put(kind, count - before.requests.getOrDefault(kind, 0L)));
        return new Usage(nanos - before.nanos, used, machine.minus(before.machine), rss, asked);
    }

    /** Zero for a part that does not exist. */
    public Duration cpu(String part) {
        return cpu.getOrDefault(part, Duration.ZERO);
    }

    /** Zero for a part that does not exist. */
    public long rss(String part) {
        return rss.getOrDefault(part, 0L);
    }

    public double seconds() {
        return nanos / 1e9;
    }

    /** CPU time of all parts, in microseconds. */
    public double micros() {
        return cpu.values().stream().mapToDouble(time -> time.toNanos() / 1e3).sum();
    }

    /** Resident memory of all parts, in bytes. */
    public long memory() {
        return rss.values().stream().mapToLong(Long::longValue).sum();
    }
}
