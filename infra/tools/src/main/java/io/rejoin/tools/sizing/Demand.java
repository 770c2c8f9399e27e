package io.rejoin.tools.sizing;

import java.time.Duration;

/**
 * The load that an installation has to carry.
 *
 * @param connections        open at once
 * @param members            connections in a room, on average
 * @param largest            connections in the largest room
 * @param roomsPerConnection rooms that a connection joins, without its personal room
 * @param personal           whether each connection joins its user's personal room
 * @param tls                whether edges terminate TLS
 * @param atRest             rooms that have messages and no members
 * @param posts              messages a second, in all rooms together
 * @param fanOut             members who receive a message, on average
 * @param bytes              size of a message's text or data
 * @param session            how long a connection lasts on average
 * @param storm              connections that break at once and come back
 * @param kept               how long messages are kept, and where
 */
public record Demand(double connections, double members, double largest, double roomsPerConnection, boolean personal,
        boolean tls, double atRest, double posts, double fanOut, double bytes, Duration session, Storm storm,
        Kept kept) {
    /** The largest message of a client: 64 KiB. */
    private static final double MAX_BYTES = 65_536;

    public Demand {
        range("--connections", connections, 1, 1e9);
        range("--members", members, 1, 1e9);
        range("--largest", largest, 1, 1e9);
        range("--rooms-per-connection", roomsPerConnection, 0.001, 100);
        range("--rooms-at-rest", atRest, 0, 1e12);
        range("--posts", posts, 0, 1e9);
        range("--fan-out", fanOut, 0, 1e9);
        range("--bytes", bytes, 0, MAX_BYTES);
        atLeast("--session", session, Duration.ofSeconds(1));
        if (members > connections)
            throw new IllegalArgumentException("--members is %,.0f, but there are %,.0f connections".formatted(members,
                    connections));
        if (largest > connections)
            throw new IllegalArgumentException("--largest is %,.0f, but there are %,.0f connections".formatted(largest,
                    connections));
        if (largest < members)
            throw new IllegalArgumentException("--largest is %,.0f, but the average room has %,.0f members".formatted(
                    largest, members));
        if (fanOut > largest)
            throw new IllegalArgumentException("--fan-out is %,.0f, but the largest room has %,.0f members".formatted(
                    fanOut, largest));
    }

    /**
     * Connections that break at the same moment.
     *
     * @param share  of all connections, from 0 to 1
     * @param within time in which they reconnect
     */
    public record Storm(double share, Duration within) {
        public Storm {
            range("--storm", share, 0, 1);
            atLeast("--storm-within", within, Duration.ofSeconds(1));
        }
    }

    /** How long records stay in the topics of commands and events, and messages in PostgreSQL. */
    public record Kept(Duration commands, Duration events, Duration history) {
        public Kept {
            atLeast("--keep-commands", commands, Duration.ofMinutes(1));
            atLeast("--keep-events", events, Duration.ofMinutes(1));
            atLeast("--keep-history", history, Duration.ofMinutes(1));
        }
    }

    /** Memberships of all connections, without personal rooms. */
    double memberships() {
        return connections * roomsPerConnection;
    }

    double rooms() {
        return memberships() / members;
    }

    /** Connections that open in a second. The same number ends. */
    double opened() {
        return connections / seconds(session);
    }

    /** Joins of a connection when it opens, in the unit of the measurements: one room and a personal one are 1. */
    double joinsPerOpening() {
        return (roomsPerConnection + (personal ? 1 : 0)) / 2;
    }

    /** Messages to clients a second. */
    double frames() {
        return posts * fanOut;
    }

    /** Presence frames to clients a second. */
    double presence() {
        return 2 * opened() * roomsPerConnection * members;
    }

    static double seconds(Duration duration) {
        return duration.toMillis() / 1e3;
    }

    static void range(String option, double value, double least, double most) {
        if (!(value >= least && value <= most))
            throw new IllegalArgumentException("%s must be from %s to %s, not %s".formatted(option, Amount.plain(least),
                    Amount.plain(most), Amount.plain(value)));
    }

    private static void atLeast(String option, Duration value, Duration least) {
        if (value.compareTo(least) < 0)
            throw new IllegalArgumentException(option + " must be at least " + least + ", not " + value);
    }
}
