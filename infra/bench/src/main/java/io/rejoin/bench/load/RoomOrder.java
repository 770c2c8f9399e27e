package io.rejoin.bench.load;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The order in which a room's messages came, as the first member that got each saw it. All others have to see the same. It
 * needs no numbers from the system. Of all threads.
 */
final class RoomOrder {
    /** Of each post, from 1; 0 as long as nobody has it. */
    private final AtomicIntegerArray places;
    private final AtomicInteger last = new AtomicInteger();

    RoomOrder(int posts) {
        places = new AtomicIntegerArray(posts);
    }

    /** The place of a message that somebody just got. Places only grow, with gaps. */
    int place(int post) {
        var place = places.get(post);
        if (place != 0) return place;
        var next = last.incrementAndGet();
        return places.compareAndSet(post, 0, next) ? next : places.get(post);
    }
}
