package io.rejoin.bench.load;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** Order to the generator: one line of JSON. The generator executes one order after the other. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "do")
@JsonSubTypes({@JsonSubTypes.Type(value = GeneratorCommand.Open.class, name = "open"),
        @JsonSubTypes.Type(value = GeneratorCommand.Load.class, name = "load"),
        @JsonSubTypes.Type(value = GeneratorCommand.Close.class, name = "close")})
sealed interface GeneratorCommand {
    /**
     * Connect members and let them join.
     *
     * @param prefix    of the names of rooms and users; no other population may use it until the system restarts
     * @param members   of each room; they are distributed over the addresses and the threads
     * @param late      further members of each room, who connect during a load with {@link LoadEvent#ARRIVAL}
     * @param stalled   further members of each room, who never read once they have joined
     * @param resumes   whether a member that lost its connection asks for the messages that it missed
     * @param perSecond how many members begin to connect in a second
     */
    record Open(String dialect, List<Address> addresses, String prefix, int rooms, int members, int late,
            int stalled, double perSecond, boolean resumes, int threads) implements GeneratorCommand {
        public Open {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * Post to the rooms of the connected members.
     *
     * @param rate         posts a second, over all rooms
     * @param posters      of each room: the first so many of its members
     * @param event        what happens when the window begins
     * @param arrivals     late members that connect in a second
     * @param quietSeconds after the last post: if nothing arrives for so long, the generator waits no longer
     */
    record Load(double rate, double warmUpSeconds, double windowSeconds, int posters, LoadEvent event,
            double arrivals, double quietSeconds) implements GeneratorCommand {}

    /** Cut all connections. */
    record Close() implements GeneratorCommand {}
}
