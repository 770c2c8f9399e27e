package io.rejoin.e2e.check;

import io.rejoin.e2e.check.Observation.Source;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a run must have had to prove anything.
 *
 * @param minOks      acknowledged messages
 * @param minFaults   faults during which something was sent
 * @param finalReads  each must hold everything that was acknowledged
 * @param maxPresence the longest that a user may be shown wrongly to a member
 */
public record Requirements(long minOks, int minFaults, Set<Source> finalReads, Duration maxPresence) {
    public Requirements {
        finalReads = Set.copyOf(finalReads);
    }

    /** All final reads, and presence that converges in the time that is promised, 10 s, and some for a busy machine. */
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
