package io.rejoin.bench.load;

import java.util.List;
import java.util.stream.IntStream;

/**
 * The schedule, the orders of the rooms and the acknowledged posts, which all members share while a load runs. All
 * threads of loops use it without a lock. Each post is marked as acknowledged by one thread only, that of its poster's
 * loop. The marks of all posts are read only after the load.
 */
final class RunningLoad {
    final Schedule schedule;
    private final List<RoomOrder> orders;
    private final boolean[][] acknowledged;

    RunningLoad(Schedule schedule) {
        this.schedule = schedule;
        this.orders = IntStream.range(0, schedule.rooms()).mapToObj(room -> new RoomOrder(schedule.postsOfRoom()))
                .toList();
        this.acknowledged = new boolean[schedule.rooms()][schedule.postsOfRoom()];
    }

    RoomOrder order(int room) {
        return orders.get(room);
    }

    /**
     * Marks a post as acknowledged; true if it is the first acknowledgement. Only the thread of the poster's loop calls
     * it.
     */
    boolean acknowledge(int room, int index) {
        var first = !acknowledged[room][index];
        acknowledged[room][index] = true;
        return first;
    }

    boolean isAcknowledged(int room, int index) {
        return acknowledged[room][index];
    }
}
