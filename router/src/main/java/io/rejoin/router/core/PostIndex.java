package io.rejoin.router.core;

import java.util.function.LongPredicate;

/**
 * A hash index from a post's key to its position in the {@link DuplicateWindow}. An open table with linear probing over
 * primitive arrays. It stores only hashes, so the caller compares the posts; two posts with the same hash stay
 * distinct. Confined to one thread.
 */
final class PostIndex {
    private static final int MIN_SLOTS = 64;
    private static final long NONE = -1;

    private int[] hashes = new int[MIN_SLOTS];
    /** The position plus one; 0 marks a free slot. */
    private long[] positions = new long[MIN_SLOTS];
    private int size;

    /** The position under this hash that satisfies the predicate; negative if there is none. */
    long find(int hash, LongPredicate matches) {
        for (var slot = homeSlot(hash); positions[slot] != 0; slot = next(slot))
            if (hashes[slot] == hash && matches.test(positions[slot] - 1)) return positions[slot] - 1;
        return NONE;
    }

    /**
     * Adds a position that is not in the index yet.
     *
     * @param position not negative
     */
    void add(int hash, long position) {
        if (4 * (size + 1) > 3 * positions.length) resize(2 * positions.length);
        put(hash, position + 1);
        size++;
    }

    /** Removes a position that was added under this hash. */
    void remove(int hash, long position) {
        var slot = homeSlot(hash);
        while (positions[slot] != position + 1) {
            if (positions[slot] == 0) throw new IllegalStateException("the index has no post at place " + position);
            slot = next(slot);
        }
        freeSlot(slot);
        size--;
        if (positions.length > MIN_SLOTS && 8 * size < positions.length) resize(positions.length / 2);
    }

    /** Frees a slot. Entries that were pushed past this slot by probing move up, so that no search stops too early. */
    private void freeSlot(int freed) {
        var hole = freed;
        for (var slot = next(hole); positions[slot] != 0; slot = next(slot)) {
            var mask = positions.length - 1;
            var mayMoveUp = ((slot - homeSlot(hashes[slot])) & mask) >= ((slot - hole) & mask);
            if (!mayMoveUp) continue;
            hashes[hole] = hashes[slot];
            positions[hole] = positions[slot];
            hole = slot;
        }
        positions[hole] = 0;
    }

    private void resize(int slots) {
        var oldHashes = hashes;
        var oldPositions = positions;
        hashes = new int[slots];
        positions = new long[slots];
        for (var slot = 0; slot < oldPositions.length; slot++)
            if (oldPositions[slot] != 0) put(oldHashes[slot], oldPositions[slot]);
    }

    private void put(int hash, long storedPosition) {
        var slot = homeSlot(hash);
        while (positions[slot] != 0) slot = next(slot);
        hashes[slot] = hash;
        positions[slot] = storedPosition;
    }

    private int homeSlot(int hash) {
        return hash & (positions.length - 1);
    }

    private int next(int slot) {
        return (slot + 1) & (positions.length - 1);
    }

    int size() {
        return size;
    }

    /** The number of slots in the table. */
    int slots() {
        return positions.length;
    }
}
