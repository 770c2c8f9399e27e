package io.rejoin.bench.load;

/**
 * When each post of a load is due, and who posts it: evenly in time, room after room, member after member. It is fixed before
 * the load begins and does not wait for answers (an open loop): a system that stalls is asked as much as before, and latency
 * counts from when a post was due. So no stall hides itself by keeping posts from being sent.
 *
 * @param start  by {@link System#nanoTime}
 * @param rate   posts a second, over all rooms
 * @param warmUp posts before the measured window
 * @param window posts in it
 * @param posters of each room: the first so many of its members
 * @param base   number of the first post of each room; those of earlier loads are below
 */
record Schedule(long start, double rate, int warmUp, int window, int rooms, int posters, int base) {
    int posts() {
        return warmUp + window;
    }

    /** The most that any room gets. */
    int postsOfRoom() {
        return Math.ceilDiv(posts(), rooms);
    }

    /** How many that room gets: the first rooms may have one more than the last. */
    int postsOf(int room) {
        return Math.max(0, Math.ceilDiv(posts() - room, rooms));
    }

    int room(int post) {
        return post % rooms;
    }

    /** In its room. */
    int number(int post) {
        return base + post / rooms;
    }

    /** Which member of the room posts it. */
    int poster(int post) {
        return (post / rooms + post % rooms) % posters;
    }

    long due(int post) {
        return start + (long) (post * 1e9 / rate);
    }

    /** Of all rooms' posts, from 0. */
    int post(int room, int number) {
        return (number - base) * rooms + room;
    }

    boolean isMeasured(int post) {
        return post >= warmUp;
    }

    long windowStart() {
        return due(warmUp);
    }

    long windowEnd() {
        return due(posts());
    }
}
