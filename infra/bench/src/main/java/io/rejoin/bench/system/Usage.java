package io.rejoin.bench.system;

import io.rejoin.e2e.sizing.Proc;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a deployment's processes have used, all in all or in a span.
 *
 * @param nanos    {@link System#nanoTime}, or the length of the span
 * @param cpu      CPU time, user and system, by part
 * @param machine  CPU time of all processors, whatever for
 * @param rss      bytes in RAM, by part, now; pages that processes share count for each of them
 * @param requests that the broker got, by kind
 */
public record Usage(long nanos, Map<String, Duration> cpu, Duration machine, Map<String, Long> rss,
        Map<String, Long> requests) {
    /** Until now. */
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

    /** Nothing for a part that is not there. */
    public Duration cpu(String part) {
        return cpu.getOrDefault(part, Duration.ZERO);
    }

    /** Nothing for a part that is not there. */
    public long rss(String part) {
        return rss.getOrDefault(part, 0L);
    }

    public double seconds() {
        return nanos / 1e9;
    }

    /** Of all parts, in microseconds. */
    public double micros() {
        return cpu.values().stream().mapToDouble(time -> time.toNanos() / 1e3).sum();
    }

    /** Of all parts, in bytes. */
    public long memory() {
        return rss.values().stream().mapToLong(Long::longValue).sum();
    }
}
