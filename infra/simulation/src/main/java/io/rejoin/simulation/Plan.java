package io.rejoin.simulation;

import java.time.Duration;
import java.util.random.RandomGenerator;

/**
 * What a seed's world is like. How often each kind of fault occurs differs a great deal from seed to seed, so that some find
 * what needs many faults of one kind and none of another.
 *
 * @param leaps         whether days may pass
 * @param backlog       bytes of deliveries that a shard can say again to edges
 * @param confirmWithin how long messages are delivered again until they are confirmed
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
