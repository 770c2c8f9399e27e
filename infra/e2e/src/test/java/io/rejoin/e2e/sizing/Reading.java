package io.rejoin.e2e.sizing;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * Resources that all parts have used until one moment, or between two moments.
 *
 * @param wall  time on a monotonic clock
 * @param cpu   CPU time by part
 * @param bytes size on the broker's disk by topic, without prefix
 */
record Reading(Duration wall, Map<Part, Duration> cpu, Map<String, Long> bytes) {
    Reading {
        cpu = Map.copyOf(cpu);
        bytes = Map.copyOf(bytes);
    }

    Reading since(Reading before) {
        var used = new HashMap<Part, Duration>();
        cpu.forEach((part, now) -> used.put(part, now.minus(before.cpu.getOrDefault(part, Duration.ZERO))));
        var written = new HashMap<String, Long>();
        bytes.forEach((topic, now) -> written.put(topic, now - before.bytes.getOrDefault(topic, 0L)));
        return new Reading(wall.minus(before.wall), used, written);
    }

    /** Microseconds of CPU time. */
    double micros(Part part) {
        return cpu.getOrDefault(part, Duration.ZERO).toNanos() / 1e3;
    }

    /** Microseconds of CPU time a second. */
    double microsPerSecond(Part part) {
        return micros(part) / seconds();
    }

    /** Microseconds of CPU time beyond the part's idle CPU time. */
    double microsBeyond(Part part, Reading idle) {
        return Math.max(0, micros(part) - idle.microsPerSecond(part) * seconds());
    }

    double bytes(String topic) {
        return bytes.getOrDefault(topic, 0L);
    }

    double seconds() {
        return wall.toNanos() / 1e9;
    }
}
