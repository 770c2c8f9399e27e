package io.rejoin.bench.load;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** What the generator is told to do, one after the other: a line of JSON each. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "do")
@JsonSubTypes({@JsonSubTypes.Type(value = Order.Open.class, name = "open"),
        @JsonSubTypes.Type(value = Order.Load.class, name = "load"),
        @JsonSubTypes.Type(value = Order.Close.class, name = "close")})
sealed interface Order {
    /**
     * Connect members and let them join.
     *
     * @param prefix    of the names of rooms and users: no other population of the system's life may have it
     * @param members   of each room; they are dealt out to the addresses and to the threads
     * @param late      more members of each room, who connect when a load lets them arrive
     * @param stalled   more members of each room, who never read once they have joined
     * @param resumes   whether who lost a connection asks for what was missed
     * @param perSecond how many begin to connect in a second
     */
    record Open(String dialect, List<Address> addresses, String prefix, int rooms, int members, int late,
            int stalled, double perSecond, boolean resumes, int threads) implements Order {
        public Open {
            addresses = List.copyOf(addresses);
        }
    }

    /**
     * Post to those who are connected.
     *
     * @param rate         posts a second, over all rooms
     * @param posters      of each room: the first so many of its members
     * @param event        what happens when the window begins
     * @param arrivals     a second, where late members arrive
     * @param quietSeconds how long nothing may come, afterwards, until what is still under way is given up
     */
    record Load(double rate, double warmUpSeconds, double windowSeconds, int posters, LoadEvent event,
            double arrivals, double quietSeconds) implements Order {}

    /** Cut all connections. */
    record Close() implements Order {}
}
