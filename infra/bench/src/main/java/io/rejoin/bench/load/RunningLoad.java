package io.rejoin.bench.load;

import java.util.List;
import java.util.stream.IntStream;

/** What all members share while a load runs. Of all threads: each mark is set by one thread, and read after the load. */
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

    /** Whether it is the first acknowledgement; by the poster's thread. */
    boolean acknowledge(int room, int index) {
        var first = !acknowledged[room][index];
        acknowledged[room][index] = true;
        return first;
    }

    boolean isAcknowledged(int room, int index) {
        return acknowledged[room][index];
    }
}
