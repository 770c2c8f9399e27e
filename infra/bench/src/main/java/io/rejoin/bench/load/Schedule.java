package io.rejoin.bench.load;

/**
 * When each post of a load is due, and which member posts it: evenly spread over time, over rooms and over members. The
 * schedule is fixed before the load begins and does not wait for answers (an open loop). A system that stalls gets as
 * many posts as before, and latency counts from when a post was due. So a stall cannot hide by delaying posts.
 *
 * @param start   when the first post is due, by {@link System#nanoTime}
 * @param rate    posts a second, over all rooms
 * @param warmUp  number of posts before the measured window
 * @param window  number of posts in the measured window
 * @param posters of each room: the first so many of its members
 * @param base    number of the first post in each room; posts of earlier loads have lower numbers
 */
record Schedule(long start, double rate, int warmUp, int window, int rooms, int posters, int base) {
    int posts() {
        return warmUp + window;
    }

    /** The highest number of posts of any room. */
    int postsOfRoom() {
        return Math.ceilDiv(posts(), rooms);
    }

    /** The number of posts of that room: the first rooms may have one more than the last. */
    int postsOf(int room) {
        return Math.max(0, Math.ceilDiv(posts() - room, rooms));
    }

    int room(int post) {
        return post % rooms;
    }

    /** The number of a post in its room. */
    int number(int post) {
        return base + post / rooms;
    }

    /** The index of the member that posts it. */
    int poster(int post) {
        return (post / rooms + post % rooms) % posters;
    }

    long due(int post) {
        return start + (long) (post * 1e9 / rate);
    }

    /** The index of a post among the posts of all rooms, from 0. */
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
