package io.rejoin.e2e.chaos;

import io.rejoin.contracts.Json;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.LongSupplier;

/**
 * Samples once a second the resources of each process and the lag of the consumers. In a soak it also samples the live
 * heaps once a minute; in a run with faults that would disturb the services. Each sample is also a line of a file.
 */
final class Sampler implements AutoCloseable {
    private static final Duration EVERY = Duration.ofSeconds(1);
    private static final Duration HEAPS_EVERY = Duration.ofMinutes(1);

    private final Site site;
    private final Path file;
    private final LongSupplier now;
    private final boolean isSoak;
    /**
     * The samples by name, for example "edge-0 memory MiB". Only the sampling thread accesses the map until it has
     * ended.
     */
    private final Map<String, List<Trend.Point>> series = new LinkedHashMap<>();
    private final Thread thread;

    /** @param now nanoseconds since the run began, on the same clock as the history */
    Sampler(Site site, Path file, LongSupplier now, boolean isSoak) {
        this.site = site;
        this.file = file;
        this.now = now;
        this.isSoak = isSoak;
        this.thread = Thread.ofPlatform().daemon().name("sampler").start(this::run);
    }

    /** Ends sampling and returns the trend of each series. */
    List<Trend> trends() {
        close();
        return series.entrySet().stream().map(entry -> Trend.of(entry.getKey(), entry.getValue()))
                .toList();
    }

    private void run() {
        try (var out = Files.newBufferedWriter(file)) {
            var heapsDue = now.getAsLong() + HEAPS_EVERY.toNanos();
            while (true) {
                sample(out);
                if (isSoak && now.getAsLong() > heapsDue) {
                    heapsDue += HEAPS_EVERY.toNanos();
                    sampleHeaps(out);
                }
                Thread.sleep(EVERY);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("cannot write " + file, e);
        } catch (InterruptedException _) {
            // closed
        }
    }

    private void sample(BufferedWriter out) throws IOException {
        var t = now.getAsLong();
        for (var part : Part.values()) {
            var sample = Sample.of(site.tree(part));
            if (sample.isEmpty()) continue;
            var line = new LinkedHashMap<String, Object>();
            put(line, t, part.label(), "memory MiB", sample.get().memoryKib() / 1024.0);
            put(line, t, part.label(), "threads", (double) sample.get().threads());
            put(line, t, part.label(), "files", (double) sample.get().files());
            write(out, t, part.label(), line);
        }
        for (var group : List.of(Probe.ROUTERS, Probe.HISTORY)) {
            var lag = site.probe().lag(group);
            if (lag.isEmpty()) continue;
            var line = new LinkedHashMap<String, Object>();
            put(line, t, group, "lag", (double) lag.getAsLong());
            write(out, t, group, line);
        }
    }

    private void sampleHeaps(BufferedWriter out) throws IOException, InterruptedException {
        for (var part : Part.values()) {
            if (part == Part.POSTGRES) continue;
            var t = now.getAsLong();
            var heap = LiveHeap.of(site.pid(part));
            if (heap.isEmpty()) continue;
            var line = new LinkedHashMap<String, Object>();
            put(line, t, part.label(), "live heap MiB", heap.get().mibWithoutPosts());
            if (heap.get().posts() > 0) put(line, t, part.label(), "posts remembered", (double) heap.get().posts());
            write(out, t, part.label(), line);
        }
    }

    private void put(Map<String, Object> line, long t, String of, String what, double value) {
        line.put(what.replace(" MiB", "_mib").replace(' ', '_'), value);
        series.computeIfAbsent(of + " " + what, _ -> new ArrayList<>()).add(new Trend.Point(t / 1e9, value));
    }

    private static void write(BufferedWriter out, long t, String of, Map<String, Object> values) throws IOException {
        var line = new LinkedHashMap<String, Object>();
        line.put("op", "sample");
        line.put("t", t);
        line.put("of", of);
        line.putAll(values);
        out.write(Json.MAPPER.writeValueAsString(line));
        out.newLine();
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
