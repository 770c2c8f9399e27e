package io.rejoin.tools;

import io.rejoin.tools.sizing.Amount;
import io.rejoin.tools.sizing.Demand;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Option;

/** The command line options that describe the load of an installation. */
final class DemandOptions {
    @Option(names = "--connections", paramLabel = "N", required = true, description = "Connections that are open at once, such as 500, 10k or 1M")
    private String connections = "";

    @ArgGroup(exclusive = true)
    private final Rooms rooms = new Rooms();

    @Option(names = "--largest", paramLabel = "N", description = "Connections in the largest room. Default: --members")
    private @Nullable String largest;

    @Option(names = "--rooms-per-connection", paramLabel = "N", defaultValue = "1", description = "Rooms that each connection joins, without its personal room. Default: ${DEFAULT-VALUE}")
    private String roomsPerConnection = "1";

    @Option(names = "--no-direct", description = "Connections do not join personal rooms: EDGE_DIRECT=off")
    private boolean noDirect;

    @Option(names = "--tls", description = "Edges terminate TLS")
    private boolean tls;

    @Option(names = "--rooms-at-rest", paramLabel = "N", defaultValue = "0", description = "Rooms with messages, but without members. Default: ${DEFAULT-VALUE}")
    private String atRest = "0";

    @Option(names = "--posts", paramLabel = "N", description = "Messages a second, in all rooms together. Default: one in 100 s for each connection")
    private @Nullable String posts;

    @Option(names = "--fan-out", paramLabel = "N", description = "Members that get a message, on average. More than --members if large rooms have more messages. Default: --members")
    private @Nullable String fanOut;

    @Option(names = "--bytes", paramLabel = "N", defaultValue = "200", description = "Bytes of a message's text or data. Default: ${DEFAULT-VALUE}")
    private String bytes = "200";

    @Option(names = "--session", paramLabel = "DURATION", defaultValue = "PT1H", description = "How long a connection lasts on average. Default: ${DEFAULT-VALUE}")
    private Duration session = Duration.ofHours(1);

    @Option(names = "--storm", paramLabel = "SHARE", defaultValue = "0.33", description = "Share of connections that break at once and come back, from 0 to 1. Default: ${DEFAULT-VALUE}, the loss of one zone of three")
    private double storm = 0.33;

    @Option(names = "--storm-within", paramLabel = "DURATION", defaultValue = "PT30S", description = "Time in which these clients come back. Default: ${DEFAULT-VALUE}, the longest wait of a client before a retry")
    private Duration stormWithin = Duration.ofSeconds(30);

    @Option(names = "--keep-commands", paramLabel = "DURATION", defaultValue = "P7D", description = "How long Kafka keeps rejoin.commands. Default: ${DEFAULT-VALUE}")
    private Duration keepCommands = Duration.ofDays(7);

    @Option(names = "--keep-events", paramLabel = "DURATION", defaultValue = "P30D", description = "How long Kafka keeps rejoin.events, ROUTER_EVENTS_RETENTION. Default: ${DEFAULT-VALUE}")
    private Duration keepEvents = Duration.ofDays(30);

    @Option(names = "--keep-history", paramLabel = "DURATION", defaultValue = "P365D", description = "How long PostgreSQL keeps messages, HISTORY_RETENTION. Default: ${DEFAULT-VALUE}")
    private Duration keepHistory = Duration.ofDays(365);

    /** The options that give the size of rooms. Either one determines the other. */
    private static final class Rooms {
        @Option(names = "--members", paramLabel = "N", description = "Connections in a room, on average. Default: 10")
        private @Nullable String members;

        @Option(names = "--rooms", paramLabel = "N", description = "Instead of --members: number of rooms that have members")
        private @Nullable String rooms;
    }

    /**
     * The demand that the options describe.
     *
     * @throws IllegalArgumentException if an option is wrong; the message names the option
     */
    Demand demand() {
        var all = Numbers.count("--connections", connections);
        var each = Numbers.count("--rooms-per-connection", roomsPerConnection);
        var members = members(all, each);
        var most = largest == null ? members : Numbers.count("--largest", largest);
        return new Demand(all, members, most, each, !noDirect, tls, Numbers.count("--rooms-at-rest", atRest),
                posts == null ? all / 100 : Numbers.count("--posts", posts),
                fanOut == null ? members : Numbers.count("--fan-out", fanOut), Numbers.count("--bytes", bytes), session,
                new Demand.Storm(storm, stormWithin),
                new Demand.Kept(keepCommands, keepEvents, keepHistory));
    }

    private double members(double all, double each) {
        if (rooms.members != null) return Numbers.count("--members", rooms.members);
        if (rooms.rooms == null) return Math.min(10, all);
        var count = Numbers.count("--rooms", rooms.rooms);
        if (count < 1 || count > all * each)
            throw new IllegalArgumentException("--rooms must be from 1 to " + Amount.text(all * each, "")
                    + ", the memberships of all connections");
        return all * each / count;
    }
}
