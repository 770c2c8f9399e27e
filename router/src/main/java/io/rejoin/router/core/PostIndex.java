package io.rejoin.router.core;

import java.util.function.LongPredicate;

/**
 * A hash index from a post's key to its place in the {@link DuplicateWindow}. An open table with linear probing over
 * primitive arrays. It stores only hashes, so the caller compares the posts; two posts with the same hash stay
 * distinct. Confined to one thread.
 */
final class PostIndex {
    private static final int LEAST = 64;
    private static final long NONE = -1;

    private int[] hashes = new int[LEAST];
    /** The place plus one; 0 marks a free slot. */
    private long[] places = new long[LEAST];
    private int size;

    /** The place under this hash that satisfies the predicate; negative if there is none. */
    long find(int hash, LongPredicate isIt) {
        for (var slot = home(hash); places[slot] != 0; slot = next(slot))
            if (hashes[slot] == hash && isIt.test(places[slot] - 1)) return places[slot] - 1;
        return NONE;
    }

    /**
     * Adds a place that is not in the index yet.
     *
     * @param place not negative
     */
    void add(int hash, long place) {
        if (4 * (size + 1) > 3 * places.length) resize(2 * places.length);
        put(hash, place + 1);
        size++;
    }

    /** Removes a place that was added under this hash. */
    void remove(int hash, long place) {
        var slot = home(hash);
        while (places[slot] != place + 1) {
            if (places[slot] == 0) throw new IllegalStateException("the index has no post at place " + place);
            slot = next(slot);
        }
        fill(slot);
        size--;
        if (places.length > LEAST && 8 * size < places.length) resize(places.length / 2);
    }

    /** Frees a slot. Entries that were pushed past this slot by probing move up, so that no search stops too early. */
    private void fill(int free) {
        var hole = free;
        for (var slot = next(hole); places[slot] != 0; slot = next(slot)) {
            var mask = places.length - 1;
            var mayMoveUp = ((slot - home(hashes[slot])) & mask) >= ((slot - hole) & mask);
            if (!mayMoveUp) continue;
            hashes[hole] = hashes[slot];
            places[hole] = places[slot];
            hole = slot;
        }
        places[hole] = 0;
    }

    private void resize(int slots) {
        var oldHashes = hashes;
        var oldPlaces = places;
        hashes = new int[slots];
        places = new long[slots];
        for (var slot = 0; slot < oldPlaces.length; slot++)
            if (oldPlaces[slot] != 0) put(oldHashes[slot], oldPlaces[slot]);
    }

    private void put(int hash, long placeAndOne) {
        var slot = home(hash);
        while (places[slot] != 0) slot = next(slot);
        hashes[slot] = hash;
        places[slot] = placeAndOne;
    }

    private int home(int hash) {
        return hash & (places.length - 1);
    }

    private int next(int slot) {
        return (slot + 1) & (places.length - 1);
    }

    int size() {
        return size;
    }

    /** The number of slots in the table. */
    int slots() {
        return places.length;
    }
}
