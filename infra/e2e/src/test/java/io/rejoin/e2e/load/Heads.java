package io.rejoin.e2e.load;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;

/** The furthest place in each room that any member of a run has seen. Safe for any thread. */
final class Heads {
    private final Map<String, Place> heads = new ConcurrentHashMap<>();

    /** A place in a room's order; a later epoch is further. */
    record Place(long epoch, long seq) {
        static final Place NONE = new Place(0, 0);

        boolean isBeyond(Place other) {
            return epoch > other.epoch || (epoch == other.epoch && seq > other.seq);
        }
    }

    void heard(String room, Place place) {
        heads.merge(room, place, (known, heard) -> heard.isBeyond(known) ? heard : known);
    }

    Place of(String room) {
        return heads.getOrDefault(room, Place.NONE);
    }
}
