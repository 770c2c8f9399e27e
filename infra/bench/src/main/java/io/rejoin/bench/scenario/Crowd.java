package io.rejoin.bench.scenario;

/**
 * Who is there.
 *
 * @param members of each room
 * @param late    more of each room, who come while others post
 * @param stalled more of each room, who never read
 */
public record Crowd(int rooms, int members, int late, int stalled) {
    /** All come first, and read. */
    public Crowd(int rooms, int members) {
        this(rooms, members, 0, 0);
    }

    int connections() {
        return rooms * (members + stalled);
    }
}
