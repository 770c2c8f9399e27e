package io.rejoin.simulation;

import java.util.ArrayList;
import java.util.List;

/** A partition of a topic: records by offset. The oldest records may be deleted. */
final class Log<T> {
    private final List<T> records = new ArrayList<>();
    private int begin;

    void append(T record) {
        records.add(record);
    }

    T get(int offset) {
        return records.get(offset);
    }

    /** The lowest offset that is not deleted. */
    int begin() {
        return begin;
    }

    /** The offset that the next record will have. */
    int end() {
        return records.size();
    }

    /** Deletes all records below that offset, as retention does. */
    void deleteBelow(int offset) {
        begin = Math.max(begin, offset);
    }
}
