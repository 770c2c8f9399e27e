package io.rejoin.simulation;

import java.util.ArrayList;
import java.util.List;

/** A partition of a topic: records by offset, of which the oldest may be gone. */
final class Log<T> {
    private final List<T> records = new ArrayList<>();
    private int begin;

    void append(T record) {
        records.add(record);
    }

    T get(int offset) {
        return records.get(offset);
    }

    /** The oldest offset that is kept. */
    int begin() {
        return begin;
    }

    /** The offset that the next record will have. */
    int end() {
        return records.size();
    }

    /** Retention: what is below that offset is gone. */
    void deleteBelow(int offset) {
        begin = Math.max(begin, offset);
    }
}
