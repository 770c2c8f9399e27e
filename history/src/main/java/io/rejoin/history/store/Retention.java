package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.RoomPattern;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How long messages are kept, by room.
 *
 * @param classes              classes of rooms; the first class that matches a room applies
 * @param defaultRetentionTime for rooms without a class; null to keep messages forever
 */
public record Retention(List<RoomClass> classes, @Nullable Duration defaultRetentionTime) {
    /** Keeps all messages forever. */
    public static final Retention FOREVER = new Retention(List.of(), null);

    /** The due time of messages that are kept forever. */
    static final long NEVER_DUE = Long.MAX_VALUE;

    public Retention {
        classes = List.copyOf(classes);
    }

    /**
     * A class of rooms with the same retention.
     *
     * @param tenant        null for any tenant
     * @param retentionTime null to keep messages forever
     */
    public record RoomClass(@Nullable String tenant, RoomPattern rooms, @Nullable Duration retentionTime) {
        boolean matches(RoomId room) {
            return (tenant == null || tenant.equals(room.tenant())) && rooms.matches(room.name());
        }

        @Override
        public String toString() {
            return (tenant == null ? "" : tenant + "/") + rooms.text() + "="
                    + (retentionTime == null ? "forever" : retentionTime);
        }
    }

    /** Whether all messages are kept forever. */
    public boolean isForever() {
        return defaultRetentionTime == null && classes.stream().allMatch(each -> each.retentionTime() == null);
    }

    /** The shortest time that any message is kept. */
    public Duration shortestRetentionTime() {
        var shortest = defaultRetentionTime == null ? ChronoUnit.FOREVER.getDuration() : defaultRetentionTime;
        for (var each : classes) {
            if (each.retentionTime() != null && each.retentionTime().compareTo(shortest) < 0)
                shortest = each.retentionTime();
        }
        return shortest;
    }

    /** How long a message of that room is kept; null if forever. */
    public @Nullable Duration retentionTime(RoomId room) {
        for (var each : classes) {
            if (each.matches(room)) return each.retentionTime();
        }
        return defaultRetentionTime;
    }

    /** When a message expires, in milliseconds since the epoch. */
    long expiresAt(RoomId room, long ts) {
        var retentionTime = retentionTime(room);
        return retentionTime == null ? NEVER_DUE : ts + retentionTime.toMillis();
    }

    /** A readable text, equal for equal rules. It is stored in the database to detect changes, and it is logged. */
    @Override
    public String toString() {
        var rules = classes.stream().map(RoomClass::toString).collect(Collectors.joining(", "));
        return (rules.isEmpty() ? "" : rules + ", ")
                + (defaultRetentionTime == null ? "forever" : defaultRetentionTime);
    }
}
