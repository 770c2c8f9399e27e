package io.rejoin.e2e.chaos;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/** Kinds of faults, as schedules and reports name them. */
enum Kind {
    KILL, FREEZE, CUT, SLOW, RESET, DROP_CLIENTS, POISON, ROLLING_RESTART, REBALANCES, CLOCK, AWAY, DISK_FULL;

    /** The kinds that end within seconds. */
    static final Set<Kind> QUICK = Set.copyOf(EnumSet.range(KILL, POISON));

    /** @throws IllegalArgumentException with a message for the user */
    static Kind of(String label) {
        return Stream.of(values()).filter(kind -> kind.label().equals(label)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown kind of fault " + label + "; the kinds are "
                        + Stream.of(values()).map(Kind::label).toList()));
    }

    String label() {
        return name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
