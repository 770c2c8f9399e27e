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
 * @param classes   classes of rooms; the first class that matches a room applies
 * @param otherwise for rooms without a class; null to keep messages forever
 */
public record Retention(List<RoomClass> classes, @Nullable Duration otherwise) {
    /** Keeps all messages forever. */
    public static final Retention FOREVER = new Retention(List.of(), null);

    /** The due time of messages that are kept forever. */
    static final long NEVER = Long.MAX_VALUE;

    public Retention {
        classes = List.copyOf(classes);
    }

    /**
     * A class of rooms with the same retention.
     *
     * @param tenant null for any tenant
     * @param kept   null to keep messages forever
     */
    public record RoomClass(@Nullable String tenant, RoomPattern rooms, @Nullable Duration kept) {
        boolean has(RoomId room) {
            return (tenant == null || tenant.equals(room.tenant())) && rooms.matches(room.name());
        }

        @Override
        public String toString() {
            return (tenant == null ? "" : tenant + "/") + rooms.text() + "=" + (kept == null ? "forever" : kept);
        }
    }

    /** Whether all messages are kept forever. */
    public boolean isForever() {
        return otherwise == null && classes.stream().allMatch(each -> each.kept() == null);
    }

    /** The shortest time that any message is kept. */
    public Duration shortest() {
        var shortest = otherwise == null ? ChronoUnit.FOREVER.getDuration() : otherwise;
        for (var each : classes) {
            if (each.kept() != null && each.kept().compareTo(shortest) < 0) shortest = each.kept();
        }
        return shortest;
    }

    /** How long a message of that room is kept; null if forever. */
    public @Nullable Duration of(RoomId room) {
        for (var each : classes) {
            if (each.has(room)) return each.kept();
        }
        return otherwise;
    }

    /** When a message expires, in milliseconds since the epoch. */
    long due(RoomId room, long ts) {
        var kept = of(room);
        return kept == null ? NEVER : ts + kept.toMillis();
    }

    /** A readable text, equal for equal rules. It is stored in the database to detect changes, and it is logged. */
    @Override
    public String toString() {
        var rules = classes.stream().map(RoomClass::toString).collect(Collectors.joining(", "));
        return (rules.isEmpty() ? "" : rules + ", ") + (otherwise == null ? "forever" : otherwise);
    }
}
