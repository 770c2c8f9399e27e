package io.rejoin.history;

import io.rejoin.contracts.RoomPattern;
import io.rejoin.contracts.env.Settings;
import io.rejoin.history.store.Retention;
import io.rejoin.history.store.Retention.RoomClass;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads how long messages are kept. {@code HISTORY_RETENTION=P365D} is the default for all rooms.
 * {@code HISTORY_RETENTION_ROOMS} has classes of rooms, which are checked first, such as
 * {@code support-*=P30D, @*=P7D, acme/board=forever}.
 */
final class RetentionSettings {
    private static final String ROOMS = "HISTORY_RETENTION_ROOMS";
    private static final String FOREVER = "forever";
    private static final Duration SHORTEST = Duration.ofSeconds(1);
    private static final Duration LONGEST = Duration.ofDays(36_500);
    private static final Pattern TENANT = Pattern.compile("\\*|[A-Za-z0-9_.-]{1,64}");

    private final Settings settings;

    private RetentionSettings(Settings settings) {
        this.settings = settings;
    }

    static Retention read(Settings settings) {
        return new RetentionSettings(settings).read();
    }

    private Retention read() {
        var isForever = settings.text("HISTORY_RETENTION", FOREVER).equals(FOREVER);
        var otherwise = isForever
                ? null
                : settings.duration("HISTORY_RETENTION", "P365D", SHORTEST.toString(), "P36500D");
        var classes = new ArrayList<RoomClass>();
        for (var entry : settings.text(ROOMS, "").split(",", -1)) {
            if (!entry.isBlank()) add(entry.strip(), classes);
        }
        return new Retention(classes, otherwise);
    }

    private void add(String entry, List<RoomClass> classes) {
        var equals = entry.lastIndexOf('=');
        var rooms = equals < 0 ? entry : entry.substring(0, equals).strip();
        var kept = equals < 0 ? "" : entry.substring(equals + 1).strip();
        var slash = rooms.indexOf('/');
        var tenant = slash < 0 ? "*" : rooms.substring(0, slash);
        var name = rooms.substring(slash + 1);
        var star = name.indexOf('*');
        if (equals < 0 || name.isEmpty()) {
            wrong(entry, "an entry must be a room, = and a duration, such as support-*=P30D");
        } else if (star >= 0 && star < name.length() - 1) {
            wrong(entry, "a * is allowed only at the end of a room");
        } else if (!TENANT.matcher(tenant).matches()) {
            wrong(entry, "the part before / must be a tenant or *; for a room with / in its name write */team/x");
        } else if (classes.stream().anyMatch(each -> covers(each, tenant, name))) {
            wrong(entry, "this entry has no effect: an earlier entry matches all its rooms, and the first one counts");
        } else {
            var duration = kept.equals(FOREVER) ? null : duration(entry, kept);
            classes.add(new RoomClass(tenant.equals("*") ? null : tenant, new RoomPattern(name), duration));
        }
    }

    private static boolean covers(RoomClass before, String tenant, String name) {
        var isOfItsTenant = before.tenant() == null || before.tenant().equals(tenant);
        var example = name.endsWith("*") ? name.substring(0, name.length() - 1) : name;
        var isWider = before.rooms().text().endsWith("*") || !name.endsWith("*");
        return isOfItsTenant && isWider && before.rooms().matches(new RoomPattern(example).text());
    }

    private @Nullable Duration duration(String entry, String kept) {
        try {
            var duration = Duration.parse(kept);
            if (duration.compareTo(SHORTEST) >= 0 && duration.compareTo(LONGEST) <= 0) return duration;
        } catch (DateTimeParseException _) {
            // reported below
        }
        wrong(entry, "the duration must be from " + SHORTEST + " to P36500D, or forever");
        return null;
    }

    private void wrong(String entry, String why) {
        settings.problem(ROOMS + " has \"" + entry + "\": " + why);
    }
}
