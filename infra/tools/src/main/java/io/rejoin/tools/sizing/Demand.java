package io.rejoin.tools.sizing;

import java.time.Duration;

/**
 * What an installation has to carry.
 *
 * @param connections       open at once
 * @param members           connections in a room, on average
 * @param largest           connections in the largest room
 * @param roomsPerConnection that a connection joins, its personal room apart
 * @param personal          whether each connection joins its user's personal room
 * @param tls               whether edges encrypt by themselves
 * @param atRest            rooms that nobody is in, and that have messages
 * @param posts             messages a second, all together
 * @param fanOut            members to whom a message goes, on average
 * @param bytes             of a message's text or data
 * @param session           how long a connection lasts on average
 * @param storm             what breaks at once, and comes back
 * @param kept              how long messages are kept, and where
 */
public record Demand(double connections, double members, double largest, double roomsPerConnection, boolean personal,
        boolean tls, double atRest, double posts, double fanOut, double bytes, Duration session, Storm storm,
        Kept kept) {
    /** A client sends 64 KiB at most. */
    private static final double MOST_BYTES = 65_536;

    public Demand {
        range("--connections", connections, 1, 1e9);
        range("--members", members, 1, 1e9);
        range("--largest", largest, 1, 1e9);
        range("--rooms-per-connection", roomsPerConnection, 0.001, 100);
        range("--rooms-at-rest", atRest, 0, 1e12);
        range("--posts", posts, 0, 1e9);
        range("--fan-out", fanOut, 0, 1e9);
        range("--bytes", bytes, 0, MOST_BYTES);
        atLeast("--session", session, Duration.ofSeconds(1));
        if (members > connections)
            throw new IllegalArgumentException("--members is %,.0f, more than all %,.0f connections".formatted(members,
                    connections));
        if (largest > connections)
            throw new IllegalArgumentException("--largest is %,.0f, more than all %,.0f connections".formatted(largest,
                    connections));
        if (largest < members)
            throw new IllegalArgumentException("--largest is %,.0f, but the average room has %,.0f members".formatted(
                    largest, members));
        if (fanOut > largest)
            throw new IllegalArgumentException("--fan-out is %,.0f, but the largest room has %,.0f members".formatted(
                    fanOut, largest));
    }

    /**
     * Connections that break in the same moment.
     *
     * @param share  of all
     * @param within how long they take to come back
     */
    public record Storm(double share, Duration within) {
        public Storm {
            range("--storm", share, 0, 1);
            atLeast("--storm-within", within, Duration.ofSeconds(1));
        }
    }

    /** How long records stay in topics, and messages in PostgreSQL. */
    public record Kept(Duration commands, Duration events, Duration history) {
        public Kept {
            atLeast("--keep-commands", commands, Duration.ofMinutes(1));
            atLeast("--keep-events", events, Duration.ofMinutes(1));
            atLeast("--keep-history", history, Duration.ofMinutes(1));
        }
    }

    /** Connections that are members of rooms, personal ones apart. */
    double memberships() {
        return connections * roomsPerConnection;
    }

    double rooms() {
        return memberships() / members;
    }

    /** Connections that open in a second, and as many that end. */
    double opened() {
        return connections / seconds(session);
    }

    /** Rooms that a connection joins when it opens, in units of what was measured: one and a personal one. */
    double joinsPerOpening() {
        return (roomsPerConnection + (personal ? 1 : 0)) / 2;
    }

    /** Messages to clients in a second. */
    double frames() {
        return posts * fanOut;
    }

    /** Frames a second that tell members who came or went. */
    double presence() {
        return 2 * opened() * roomsPerConnection * members;
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    static void range(String option, double value, double least, double most) {
        if (!(value >= least && value <= most))
            throw new IllegalArgumentException("%s is from %s to %s, not %s".formatted(option, Amount.plain(least),
                    Amount.plain(most), Amount.plain(value)));
    }

    private static void atLeast(String option, Duration value, Duration least) {
        if (value.compareTo(least) < 0)
            throw new IllegalArgumentException(option + " is at least " + least + ", not " + value);
    }
}
