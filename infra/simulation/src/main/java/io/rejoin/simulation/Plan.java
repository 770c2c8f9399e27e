package io.rejoin.simulation;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * The parameters of one seed's world: its sizes and limits. The rates of the faults are drawn by {@link StepScheduler}.
 *
 * @param devicesPerUser clients that share one user
 * @param outboxFrames   capacity of a client's outbox, in frames
 * @param tailBytes      size of a room's tail in an edge
 * @param refuses        whether edges refuse commands now and then, as if their queues were full
 * @param leaps          whether whole days may pass at once
 * @param backlog        bytes of deliveries that a shard keeps, to send them to edges again
 * @param confirmWithin  how long a message is redelivered before its confirmation expires
 */
record Plan(Bug bug, int partitions, int rooms, int edges, int routers, int histories,
        int clients,
        int devicesPerUser, int outboxFrames, long tailBytes, boolean refuses, boolean leaps, int backlog,
        Duration confirmWithin) {

    static Plan draw(RandomGenerator random, Bug bug) {
        var leaps = random.nextInt(3) == 0;
        return new Plan(bug, 1 + random.nextInt(3), 1 + random.nextInt(4), 1 + random.nextInt(3),
                1 + random.nextInt(3), 1 + random.nextInt(2), 2 + random.nextInt(7), 1 + random.nextInt(2),
                random.nextInt(3) == 0 ? 4 + random.nextInt(12) : 10_000, random.nextBoolean() ? 2_000 : 1_000_000,
                random.nextInt(3) == 0, leaps, random.nextInt(3_000),
                leaps && random.nextBoolean() ? Duration.ofDays(3) : Duration.ofSeconds(20));
    }
}
