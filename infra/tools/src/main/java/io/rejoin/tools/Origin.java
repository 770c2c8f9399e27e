package io.rejoin.tools;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The place of a dead letter's original, from the headers {@code rejoin-from} and {@code rejoin-index}.
 *
 * @param index of the first command of the record that the letter keeps; null if the letter keeps the whole record
 */
record Origin(String topic, int partition, long offset, @Nullable Integer index) {
    /** The last hyphen separates topic and partition: a topic's name may have hyphens, too. */
    private static final Pattern TEXT = Pattern.compile("([A-Za-z0-9._-]{1,249})-([0-9]{1,9})@([0-9]{1,18})");
    private static final Pattern INDEX = Pattern.compile("[0-9]{1,9}");

    /** Creates the origin of a whole record. */
    Origin(String topic, int partition, long offset) {
        this(topic, partition, offset, null);
    }

    /** Parses {@code topic-partition@offset}; empty if the text has another form. */
    static Optional<Origin> of(String text) {
        var matcher = TEXT.matcher(text);
        if (!matcher.matches()) return Optional.empty();
        return Optional.of(new Origin(matcher.group(1), Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3))));
    }

    /** The command with that index in this record; the whole record if the text is no index. */
    Origin at(String text) {
        return INDEX.matcher(text).matches() ? new Origin(topic, partition, offset, Integer.valueOf(text)) : this;
    }

    /** The text {@code topic-partition@offset}; for a command, {@code #index} follows. */
    String text() {
        return topic + "-" + partition + "@" + offset + (index == null ? "" : "#" + index);
    }
}
