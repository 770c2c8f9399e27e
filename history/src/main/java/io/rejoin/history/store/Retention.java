package io.rejoin.history.store;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.RoomPattern;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * How long messages are kept, by the room they are in.
 *
 * @param classes   the first that a room belongs to counts
 * @param otherwise for rooms of no class; null is for ever
 */
public record Retention(List<RoomClass> classes, @Nullable Duration otherwise) {
    /** Nothing is ever deleted. */
    public static final Retention FOREVER = new Retention(List.of(), null);

    /** When something is due that never is. */
    static final long NEVER = Long.MAX_VALUE;

    public Retention {
        classes = List.copyOf(classes);
    }

    /**
     * Rooms whose messages are kept equally long.
     *
     * @param tenant null for any
     * @param kept   null is for ever
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

    /** Whether nothing is ever deleted. */
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

    /** How long a message of that room is kept; null is for ever. */
    public @Nullable Duration of(RoomId room) {
        for (var each : classes) {
            if (each.has(room)) return each.kept();
        }
        return otherwise;
    }

    /** When a message is to be deleted, in milliseconds since the epoch. */
    long due(RoomId room, long ts) {
        var kept = of(room);
        return kept == null ? NEVER : ts + kept.toMillis();
    }

    /** Equal for what is equal, and readable: it stands in the database, in the log and beside the configuration. */
    @Override
    public String toString() {
        var rules = classes.stream().map(RoomClass::toString).collect(Collectors.joining(", "));
        return (rules.isEmpty() ? "" : rules + ", ") + (otherwise == null ? "forever" : otherwise);
    }
}
