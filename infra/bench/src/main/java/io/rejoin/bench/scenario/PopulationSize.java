package io.rejoin.bench.scenario;

/**
 * The rooms and members of a scenario.
 *
 * @param members of each room
 * @param late    further members of each room, who join while others post
 * @param stalled further members of each room, who never read
 */
public record PopulationSize(int rooms, int members, int late, int stalled) {
    /** A crowd whose members all join before the load, and all read. */
    public PopulationSize(int rooms, int members) {
        this(rooms, members, 0, 0);
    }

    int connections() {
        return rooms * (members + stalled);
    }
}
