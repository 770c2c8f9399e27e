package io.rejoin.e2e.chaos;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** Kinds of faults, as they are named in plans and reports. */
enum Kind {
    KILL, FREEZE, CUT, SLOW, RESET, DROP_CLIENTS, POISON, ROLLING_RESTART, REBALANCES, CLOCK, AWAY, DISK_FULL;

    /** Those that are over in seconds. */
    static final Set<Kind> QUICK = Set.copyOf(EnumSet.range(KILL, POISON));

    static Kind of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT).replace('-', '_'));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
