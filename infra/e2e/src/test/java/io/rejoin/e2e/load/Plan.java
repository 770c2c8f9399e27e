package io.rejoin.e2e.load;

import java.time.Duration;

/**
 * What a {@link Workload} does.
 *
 * @param prefix    begins the names of its rooms and users
 * @param rooms     how many
 * @param members   of each room; every one a user with one device, who follows the room from its first message on
 * @param rate      messages a second of all members together, whether answers come or not
 * @param textBytes at least so long is a message
 * @param patience  for an ack, before a message is sent again
 * @param silence   of a connection, before it is asked for a sign of life; three times that and it is given up
 * @param dropEvery how long a member holds a connection on average, before it drops it by itself; zero for ever
 * @param backoff   between attempts to connect
 * @param seed      of everything random
 */
public record Plan(String prefix, int rooms, int members, double rate, int textBytes, Duration patience,
        Duration silence, Duration dropEvery, Backoff backoff, long seed) {
    public Plan {
        if (rooms < 1 || members < 1 || rate <= 0) throw new IllegalArgumentException("nothing to do");
    }

    /** With what fits most runs: short messages, 5 s for an ack, 3 s of silence, the documented backoff, no drops. */
    public static Plan of(String prefix, int rooms, int members, double rate) {
        return new Plan(prefix, rooms, members, rate, 64, Duration.ofSeconds(5), Duration.ofSeconds(3), Duration.ZERO,
                Backoff.DOCUMENTED, 1);
    }

    public Plan withDropEvery(Duration mean) {
        return new Plan(prefix, rooms, members, rate, textBytes, patience, silence, mean, backoff, seed);
    }

    public Plan withBackoff(Backoff other) {
        return new Plan(prefix, rooms, members, rate, textBytes, patience, silence, dropEvery, other, seed);
    }

    public Plan withSeed(long other) {
        return new Plan(prefix, rooms, members, rate, textBytes, patience, silence, dropEvery, backoff, other);
    }

    String room(int index) {
        return prefix + "-" + index;
    }

    String user(int room, int member) {
        return prefix + "-" + room + "-" + member;
    }
}
