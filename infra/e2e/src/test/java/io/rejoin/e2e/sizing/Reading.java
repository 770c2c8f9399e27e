package io.rejoin.e2e.sizing;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;

/**
 * What everybody has used up to a moment, or between two of them.
 *
 * @param wall  when, on a clock that only goes forward
 * @param cpu   by part
 * @param bytes by topic, without a prefix, as they stand on the broker's disk
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

    /** Microseconds of CPU time beyond what the part takes while nothing is done. */
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
