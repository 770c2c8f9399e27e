package io.rejoin.e2e.check;

import io.rejoin.e2e.check.Observation.Source;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * Minimum of a run, so that its check proves something, and limits for the check.
 *
 * @param minOks      acknowledged messages
 * @param minFaults   faults during which a message was sent
 * @param finalReads  each must contain all acknowledged messages
 * @param maxPresence longest time that a user may be shown wrongly to a member
 */
public record Requirements(long minOks, int minFaults, Set<Source> finalReads, Duration maxPresence) {
    public Requirements {
        finalReads = Set.copyOf(finalReads);
    }

    /**
     * Requires all final reads, and correct presence within 20 s: 10 s are promised, and 10 s are added for a busy
     * machine.
     */
    public static Requirements of(long minOks, int minFaults) {
        return new Requirements(minOks, minFaults, EnumSet.allOf(Source.class), Duration.ofSeconds(20));
    }

    public Requirements withFinalReads(Set<Source> sources) {
        return new Requirements(minOks, minFaults, sources, maxPresence);
    }

    public Requirements withMaxPresence(Duration longest) {
        return new Requirements(minOks, minFaults, finalReads, longest);
    }
}
