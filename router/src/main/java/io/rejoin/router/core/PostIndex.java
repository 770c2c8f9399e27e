package io.rejoin.router.core;

import java.util.function.LongPredicate;

/**
 * Where posts lie, by the hashes of what they are known by: an open table with linear probing, of plain numbers. Whoever asks
 * compares the posts themselves, so that two of one hash are two. Confined to one thread.
 */
final class PostIndex {
    private static final int LEAST = 64;
    private static final long NONE = -1;

    private int[] hashes = new int[LEAST];
    /** What was added, plus one; a slot with 0 is free. */
    private long[] places = new long[LEAST];
    private int size;

    /** The place under that hash of which the predicate is true; negative when there is none. */
    long find(int hash, LongPredicate isIt) {
        for (var slot = home(hash); places[slot] != 0; slot = next(slot))
            if (hashes[slot] == hash && isIt.test(places[slot] - 1)) return places[slot] - 1;
        return NONE;
    }

    /** Adds a place that is not there: no negative number. */
    void add(int hash, long place) {
        if (4 * (size + 1) > 3 * places.length) resize(2 * places.length);
        put(hash, place + 1);
        size++;
    }

    /** Forgets a place that was added under that hash. */
    void remove(int hash, long place) {
        var slot = home(hash);
        while (places[slot] != place + 1) {
            if (places[slot] == 0) throw new IllegalStateException("nothing is at " + place);
            slot = next(slot);
        }
        fill(slot);
        size--;
        if (places.length > LEAST && 8 * size < places.length) resize(places.length / 2);
    }

    /** Frees a slot: what was put behind it only for it moves up, so that no search ends too soon. */
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

    /** How many places there is memory for. */
    int slots() {
        return places.length;
    }
}
