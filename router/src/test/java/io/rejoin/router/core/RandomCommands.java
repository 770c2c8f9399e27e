package io.rejoin.router.core;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Command;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.random.RandomGenerator;

/** Random commands of several edges, with few rooms, users and connections, so that they interact. */
final class RandomCommands {
    private RandomCommands() {}

    static List<Command> record(RandomGenerator random) {
        var commands = new ArrayList<Command>();
        for (var n = random.nextInt(1, 4); n > 0; n--) commands.add(one(random));
        return commands;
    }

    private static Command one(RandomGenerator random) {
        var room = new RoomId("default", random.nextInt(3) == 0 ? "@u" + random.nextInt(3) : "r" + random.nextInt(3));
        var connection = new ConnectionId("c" + random.nextInt(8));
        var user = new UserId("default", "u" + connection.value().hashCode() % 4);
        var edge = new EdgeRef("e" + random.nextInt(3), random.nextInt(1, 4), random.nextInt(2));
        return switch (random.nextInt(13)) {
            case 0, 1, 2 -> new Command.Join(room, user, connection, edge, random.nextInt(100));
            case 3 -> new Command.Leave(room, connection, edge);
            case 4 -> new Command.ListMembers(room, connection, edge, random.nextInt(100));
            case 5 -> new Command.EdgeLost(edge.edge(), edge.incarnation());
            case 7, 8 -> new Command.Acknowledge(room, user, connection, edge, null, random.nextInt(300));
            case 9 -> new Command.Post(room, user, connection, edge, "id" + random.nextInt(40), content(random),
                    random.nextLong(1, 2_000));
            case 6 -> new Command.Post(room, user, connection, edge, null, content(random));
            default -> new Command.Post(room, user, connection, edge, "id" + random.nextInt(40), content(random));
        };
    }

    private static Content content(RandomGenerator random) {
        try {
            return switch (random.nextInt(8)) {
                case 0 -> Content.text("\u0000 \uD83D\uDE00 \u2028 </script> \"\\");
                case 1 -> Content.data(JsonText.of("[1.2300,1e400,12345678901234567890.5,null,{}]"));
                case 2 -> Content.data(JsonText.of("{\"b\":{\"a\":[true]},\"a\":\"\u00fc\"}"));
                case 3 -> Content.data(JsonText.NULL);
                default -> Content.text("hi");
            };
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
