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
    private static final String ROOMS_VARIABLE = "HISTORY_RETENTION_ROOMS";
    private static final String FOREVER = "forever";
    private static final Duration MIN_RETENTION_TIME = Duration.ofSeconds(1);
    private static final Duration MAX_RETENTION_TIME = Duration.ofDays(36_500);
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
        var defaultRetentionTime = isForever
                ? null
                : settings.duration("HISTORY_RETENTION", "P365D", MIN_RETENTION_TIME.toString(), "P36500D");
        var classes = new ArrayList<RoomClass>();
        for (var entry : settings.text(ROOMS_VARIABLE, "").split(",", -1)) {
            if (!entry.isBlank()) parseEntry(entry.strip(), classes);
        }
        return new Retention(classes, defaultRetentionTime);
    }

    private void parseEntry(String entry, List<RoomClass> classes) {
        var equalsIndex = entry.lastIndexOf('=');
        var rooms = equalsIndex < 0 ? entry : entry.substring(0, equalsIndex).strip();
        var retentionTime = equalsIndex < 0 ? "" : entry.substring(equalsIndex + 1).strip();
        var slashIndex = rooms.indexOf('/');
        var tenant = slashIndex < 0 ? "*" : rooms.substring(0, slashIndex);
        var name = rooms.substring(slashIndex + 1);
        var starIndex = name.indexOf('*');
        if (equalsIndex < 0 || name.isEmpty()) {
            reportProblem(entry, "an entry must be a room, = and a duration, such as support-*=P30D");
        } else if (starIndex >= 0 && starIndex < name.length() - 1) {
            reportProblem(entry, "a * is allowed only at the end of a room");
        } else if (!TENANT.matcher(tenant).matches()) {
            reportProblem(entry,
                    "the part before / must be a tenant or *; for a room with / in its name write */team/x");
        } else if (classes.stream().anyMatch(each -> covers(each, tenant, name))) {
            reportProblem(entry,
                    "this entry has no effect: an earlier entry matches all its rooms, and the first one counts");
        } else {
            var duration = retentionTime.equals(FOREVER) ? null : duration(entry, retentionTime);
            classes.add(new RoomClass(tenant.equals("*") ? null : tenant, new RoomPattern(name), duration));
        }
    }

    private static boolean covers(RoomClass earlier, String tenant, String name) {
        var isTenantCovered = earlier.tenant() == null || earlier.tenant().equals(tenant);
        var example = name.endsWith("*") ? name.substring(0, name.length() - 1) : name;
        var isWider = earlier.rooms().text().endsWith("*") || !name.endsWith("*");
        return isTenantCovered && isWider && earlier.rooms().matches(new RoomPattern(example).text());
    }

    private @Nullable Duration duration(String entry, String retentionTime) {
        try {
            var duration = Duration.parse(retentionTime);
            if (duration.compareTo(MIN_RETENTION_TIME) >= 0 && duration.compareTo(MAX_RETENTION_TIME) <= 0)
                return duration;
        } catch (DateTimeParseException _) {
            // reported below
        }
        reportProblem(entry, "the duration must be from " + MIN_RETENTION_TIME + " to P36500D, or forever");
        return null;
    }

    private void reportProblem(String entry, String reason) {
        settings.problem(ROOMS_VARIABLE + " has \"" + entry + "\": " + reason);
    }
}
