package io.rejoin.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Comparator;

/**
 * The position in {@code rejoin.commands} that caused an output. A reader remembers the last source of each partition,
 * and drops every output that is not beyond it. So the outputs that a router repeats after a crash have no effect.
 *
 * @param partition of the command log
 * @param offset    of the command record
 * @param index     counted from 0 over all outputs of that record
 */
public record Source(int partition, long offset, int index) implements Comparable<Source> {
    private static final Comparator<Source> ORDER = Comparator.comparingInt(Source::partition)
            .thenComparingLong(Source::offset).thenComparingInt(Source::index);

    /** Parses a text form. */
    @JsonCreator
    public static Source of(String text) {
        var parts = text.split(":", -1);
        if (parts.length != 3) throw new IllegalArgumentException("not partition:offset:index: " + text);
        return new Source(Integer.parseInt(parts[0]), Long.parseLong(parts[1]), Integer.parseInt(parts[2]));
    }

    /** The text form: {@code partition:offset:index}. */
    @JsonValue
    public String text() {
        return partition + ":" + offset + ":" + index;
    }

    /** Whether this source is later than another one of the same partition. */
    public boolean isBeyond(Source last) {
        return offset > last.offset || (offset == last.offset && index > last.index);
    }

    @Override
    public int compareTo(Source other) {
        return ORDER.compare(this, other);
    }
}
