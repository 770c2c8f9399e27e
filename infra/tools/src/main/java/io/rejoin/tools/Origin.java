package io.rejoin.tools;

import java.util.Optional;
import java.util.regex.Pattern;

/** Where the original of a dead letter stood, as the header {@code rejoin-from} tells. */
record Origin(String topic, int partition, long offset) {
    /** A topic's name may have hyphens, too: the last one counts. */
    private static final Pattern TEXT = Pattern.compile("([A-Za-z0-9._-]{1,249})-([0-9]{1,9})@([0-9]{1,18})");

    /** The origin of the form {@code topic-partition@offset}; empty if that is no such form. */
    static Optional<Origin> of(String text) {
        var matcher = TEXT.matcher(text);
        if (!matcher.matches()) return Optional.empty();
        return Optional.of(new Origin(matcher.group(1), Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3))));
    }

    /** {@code topic-partition@offset}. */
    String text() {
        return topic + "-" + partition + "@" + offset;
    }
}
