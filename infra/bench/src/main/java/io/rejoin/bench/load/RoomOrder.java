package io.rejoin.bench.load;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;

/**
 * The order of a room's messages: the order in which the first receiver of each message got it. All other members must
 * see the same order. This needs no seq from the system. Safe for any thread.
 */
final class RoomOrder {
    /** Place of each post, from 1; 0 until a member has received it. */
    private final AtomicIntegerArray places;
    private final AtomicInteger last = new AtomicInteger();

    RoomOrder(int posts) {
        places = new AtomicIntegerArray(posts);
    }

    /**
     * The place of a message that a member just received. A new message gets a higher place than all before; places may
     * be skipped.
     */
    int place(int post) {
        var place = places.get(post);
        if (place != 0) return place;
        var next = last.incrementAndGet();
        return places.compareAndSet(post, 0, next) ? next : places.get(post);
    }
}
