package io.rejoin.tools;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.UserId;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.core.Pending;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code infra/rejoinctl user}: shows the state of a user from the latest checkpoints. */
@Command(name = "user", description = {
        "Shows what routers know of a user: the rooms that the user is in, the edges, the user's cursor in",
        "each room, and messages that the user has to confirm. Never shows what users wrote.",
        "Reads the last checkpoints of all partitions. If rooms are in use and routers run, these are about",
        "two seconds old. Ends with 1 if routers do not know the user."})
final class UserCommand extends KafkaCommand {
    @Parameters(paramLabel = "USER", description = "The user's name, as in tokens")
    private String user = "";

    @Option(names = "--tenant", paramLabel = "T", defaultValue = "default", description = "The user's tenant. Default: ${DEFAULT-VALUE}")
    private String tenant = UserId.DEFAULT_TENANT;

    @Mixin
    private final Limit limit = new Limit();

    @Mixin
    private final OutputFormat form = new OutputFormat();

    UserCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() {
        limit.check(this);
        var id = id();
        var entries = new UserEntries(id);
        var checkpoints = new Checkpoints(kafka, err()).read(-1, _ -> true, entries);
        var rooms = entries.rooms();
        if (rooms.isEmpty())
            throw new OperatorException("routers do not know the user " + TerminalText.line(id.key()) + ": in the last"
                    + " checkpoints of " + checkpoints.size() + " partitions, the user is in no room, and has nothing"
                    + " acknowledged and nothing to confirm. Check the exact name, and --tenant");
        if (form.isJson()) out().println(object(id, entries, rooms, checkpoints));
        else
            show(id, entries, rooms, checkpoints);
        return 0;
    }

    private UserId id() {
        try {
            return new UserId(tenant, user);
        } catch (IllegalArgumentException e) {
            throw wrong("USER: " + e.getMessage());
        }
    }

    private void show(UserId id, UserEntries entries, List<UserEntries.InRoom> rooms,
            List<Checkpoints.Checkpoint> checkpoints) {
        var out = out();
        out.println("user " + TerminalText.line(id.key()) + ": " + (entries.connections() == 0
                ? "in no room now"
                : "in " + present(rooms) + " rooms with " + entries.connections() + " connections"));
        out.println("last checkpoints of " + checkpoints.size() + " partitions, "
                + Ages.after(Ages.after(checkpoints)));
        out.println();
        var rows = new Rows(out, false, "room", "connections", "edges", "acknowledged", "to confirm", "oldest",
                "expires");
        for (var each : limit.of(rooms)) {
            var oldest = each.waiting().isEmpty() ? null : each.waiting().firstEntry().getValue();
            rows.add(each.room().name(), each.connections(), behind(each.edges()), each.cursor(),
                    each.waiting().size(), oldest == null ? null : Instant.ofEpochMilli(oldest.ts()),
                    oldest == null ? null : Instant.ofEpochMilli(oldest.expires()));
        }
        rows.end();
        limit.sayLeftOut(out, rooms.size(), "rooms");
    }

    private static long present(List<UserEntries.InRoom> rooms) {
        return rooms.stream().filter(each -> each.connections() > 0).count();
    }

    private static String behind(SortedMap<EdgeRef, Integer> edges) {
        return edges.isEmpty()
                ? "-"
                : edges.keySet().stream().map(EdgeRef::edge).distinct().collect(Collectors.joining(", "));
    }

    private ObjectNode object(UserId id, UserEntries entries, List<UserEntries.InRoom> rooms,
            List<Checkpoints.Checkpoint> checkpoints) {
        var object = Json.MAPPER.createObjectNode().put("user", id.key()).put("connections", entries.connections())
                .put("rooms_in", present(rooms)).put("commands_after", Ages.after(checkpoints))
                .put("rooms_in_all", rooms.size());
        var array = object.putArray("rooms");
        for (var each : limit.of(rooms)) {
            var room = array.addObject().put("room", each.room().name()).put("connections", each.connections());
            var edges = room.putArray("edges");
            each.edges().forEach((edge, connections) -> edges.addObject().put("edge", edge.edge())
                    .put("incarnation", edge.incarnation()).put("connections", connections));
            room.put("acknowledged", each.cursor());
            var waiting = room.put("to_confirm", each.waiting().size()).putArray("messages");
            for (var message : limit.of(each.waiting().entrySet())) put(waiting.addObject(), message);
        }
        return object;
    }

    private static void put(ObjectNode object, Map.Entry<Long, Pending> message) {
        var pending = message.getValue();
        object.put("seq", message.getKey()).put("posted", Instant.ofEpochMilli(pending.ts()).toString())
                .put("expires", Instant.ofEpochMilli(pending.expires()).toString())
                .put("by", pending.poster().name());
    }
}
