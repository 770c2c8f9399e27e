package io.rejoin.e2e.load;

import java.time.Duration;

/**
 * Parameters of a {@link Workload}.
 *
 * @param prefix    of the names of its rooms and users
 * @param rooms     number of rooms
 * @param members   of each room; each is a user with one device, who follows the room from its first message
 * @param rate      messages a second of all members together, independent of the answers
 * @param textBytes minimum length of a message's text
 * @param patience  how long to wait for an ack before a message is sent again
 * @param silence   after so long without frames a member sends a ping; after three times that it gives the connection
 *                  up
 * @param dropEvery mean time after which a member drops its connection by itself; zero means never
 * @param backoff   between attempts to connect
 * @param seed      of everything random
 */
public record Plan(String prefix, int rooms, int members, double rate, int textBytes, Duration patience,
        Duration silence, Duration dropEvery, Backoff backoff, long seed) {
    public Plan {
        if (rooms < 1 || members < 1 || rate <= 0) throw new IllegalArgumentException("rooms, members or rate is 0");
    }

    /** A plan that fits most runs: short messages, 5 s for an ack, 3 s of silence, the documented backoff, no drops. */
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
