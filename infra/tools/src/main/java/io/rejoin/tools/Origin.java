package io.rejoin.tools;

import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Where the original of a dead letter stood, as the headers {@code rejoin-from} and {@code rejoin-index} tell.
 *
 * @param index of the first command that the letter keeps of a record; null if it keeps the whole record
 */
record Origin(String topic, int partition, long offset, @Nullable Integer index) {
    /** A topic's name may have hyphens, too: the last one counts. */
    private static final Pattern TEXT = Pattern.compile("([A-Za-z0-9._-]{1,249})-([0-9]{1,9})@([0-9]{1,18})");
    private static final Pattern INDEX = Pattern.compile("[0-9]{1,9}");

    /** A whole record. */
    Origin(String topic, int partition, long offset) {
        this(topic, partition, offset, null);
    }

    /** The origin of the form {@code topic-partition@offset}; empty if that is no such form. */
    static Optional<Origin> of(String text) {
        var matcher = TEXT.matcher(text);
        if (!matcher.matches()) return Optional.empty();
        return Optional.of(new Origin(matcher.group(1), Integer.parseInt(matcher.group(2)),
                Long.parseLong(matcher.group(3))));
    }

    /** The command of that index in the record; the whole record if that is no index. */
    Origin at(String text) {
        return INDEX.matcher(text).matches() ? new Origin(topic, partition, offset, Integer.valueOf(text)) : this;
    }

    /** {@code topic-partition@offset}, and {@code #index} of a command. */
    String text() {
        return topic + "-" + partition + "@" + offset + (index == null ? "" : "#" + index);
    }
}
