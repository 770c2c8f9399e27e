package io.rejoin.tools;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.core.StateEntry;
import java.io.PrintWriter;
import java.text.Normalizer;
import java.time.Instant;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code infra/rejoinctl room}: shows the state of a room from the latest checkpoint. */
@Command(name = "room", description = {
        "Shows what routers know of a room: epoch and seq, its members and their edges, the cursors of",
        "users, and messages that wait for confirmation. Never shows what users wrote.",
        "Shows the last checkpoint. If the room is in use and routers run, it is about two seconds old.",
        "Ends with 1 if there is no such room."})
final class RoomCommand extends KafkaCommand {
    @Parameters(paramLabel = "ROOM", description = "The room's name, @ann for the personal room of ann, or tenant/name, as in topics")
    private String room = "";

    @Option(names = "--tenant", paramLabel = "T", description = "The room's tenant. Default: the tenant in ROOM, or else default")
    private @Nullable String tenant;

    @Mixin
    private final Limit limit = new Limit();

    @Mixin
    private final OutputFormat form = new OutputFormat();

    RoomCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() {
        limit.check(this);
        var id = id();
        var entries = new RoomEntries(id);
        var checkpoints = new Checkpoints(kafka, err());
        var partition = checkpoints.partition(id);
        var found = checkpoints.read(partition, id::equals, entries);
        var progress = entries.progress();
        if (progress == null)
            throw new OperatorException("there is no room " + TerminalText.line(id.key()) + " in partition " + partition
                    + (found.isEmpty()
                            ? ": no router has written a checkpoint of this partition yet"
                            : ", checkpoint of " + Ages.ago(found.getFirst()) + ": nobody is in the room, and it never"
                                    + " had a message or was forgotten. Check the exact name, and --tenant"));
        if (found.isEmpty())
            throw new OperatorException("partition " + partition + " of " + kafka.topics().state()
                    + " has rooms, but no checkpoint: the topic is damaged; see the logs of routers");
        if (form.isJson()) out().println(object(id, entries, progress, found.getFirst()));
        else
            show(id, entries, progress, found.getFirst());
        return 0;
    }

    /** The room's id, with the same Unicode normalization as in edges. */
    private RoomId id() {
        try {
            if (tenant == null && room.contains("/")) return RoomId.of(normal(room));
            return new RoomId(tenant == null ? RoomId.DEFAULT_TENANT : tenant, normal(room));
        } catch (IllegalArgumentException e) {
            throw wrong("ROOM: " + e.getMessage());
        }
    }

    private static String normal(String name) {
        return Normalizer.normalize(name, Normalizer.Form.NFC);
    }

    private void show(RoomId id, RoomEntries entries, StateEntry.Progress progress,
            Checkpoints.Checkpoint checkpoint) {
        var out = out();
        out.println("room " + TerminalText.line(id.key()) + ": " + (entries.connections() == 0
                ? "at rest, nobody is in it"
                : entries.users() + " users with " + entries.connections() + " connections"));
        out.println("partition " + checkpoint.partition() + ", epoch " + progress.epoch() + ", seq " + progress.seq()
                + ", presence version " + progress.version() + "; last used "
                + (progress.used() == 0 ? "-" : Instant.ofEpochMilli(progress.used())));
        out.println("checkpoint of " + Ages.ago(checkpoint) + ", " + Ages.after(checkpoint.after()));
        showEdges(id, entries, out);
        showCursors(id, entries, out);
        showWaiting(id, entries, out);
    }

    private void showEdges(RoomId id, RoomEntries entries, PrintWriter out) {
        if (entries.connections() == 0) return;
        out.println();
        var edges = entries.edges();
        var rows = new Rows(out, false, "edge", "incarnation", "users", "connections", "who");
        for (var each : limit.of(edges))
            rows.add(each.edge().edge(), each.edge().incarnation(), each.users().size(), each.connections(),
                    names(id, each.users().keySet()));
        rows.end();
        limit.sayLeftOut(out, edges.size(), "edges");
    }

    private String names(RoomId id, Collection<UserId> users) {
        return limit.of(users).stream().map(user -> name(id, user)).collect(Collectors.joining(", "))
                + limit.leftOut(users.size(), " and %d more");
    }

    private static String name(RoomId id, UserId user) {
        return user.tenant().equals(id.tenant()) ? user.name() : user.key();
    }

    private void showCursors(RoomId id, RoomEntries entries, PrintWriter out) {
        var cursors = entries.cursors();
        if (cursors.isEmpty()) return;
        out.println();
        out.println("cursors: the seq up to which each user has acknowledged, the furthest behind first:");
        var rows = new Rows(out, false, "user", "seq");
        for (var each : limit.of(cursors)) rows.add(name(id, each.user()), each.seq());
        rows.end();
        limit.sayLeftOut(out, cursors.size(), "cursors");
    }

    private void showWaiting(RoomId id, RoomEntries entries, PrintWriter out) {
        var waiting = entries.waiting();
        if (waiting.isEmpty()) return;
        out.println();
        out.println("messages that wait for confirmation, the oldest first:");
        var rows = new Rows(out, false, "seq", "posted", "expires", "by", "users", "waits for");
        for (var each : limit.of(waiting.entrySet())) {
            var pending = each.getValue();
            rows.add(each.getKey(), Instant.ofEpochMilli(pending.ts()),
                    Instant.ofEpochMilli(pending.expires()), name(id, pending.poster()),
                    pending.recipients().size(), names(id, pending.recipients()));
        }
        rows.end();
        limit.sayLeftOut(out, waiting.size(), "messages");
    }

    private ObjectNode object(RoomId id, RoomEntries entries, StateEntry.Progress progress,
            Checkpoints.Checkpoint checkpoint) {
        var object = Json.MAPPER.createObjectNode().put("room", id.key()).put("partition", checkpoint.partition())
                .put("state", entries.connections() == 0 ? "at_rest" : "in_use").put("epoch", progress.epoch())
                .put("seq", progress.seq()).put("version", progress.version())
                .put("used", progress.used() == 0 ? null : Instant.ofEpochMilli(progress.used()).toString())
                .put("users", entries.users()).put("connections", entries.connections())
                .put("checkpoint", Instant.ofEpochMilli(checkpoint.time()).toString())
                .put("commands_after", checkpoint.after());
        var edges = object.put("edges_in_all", entries.edges().size()).putArray("edges");
        for (var each : limit.of(entries.edges())) {
            var edge = edges.addObject().put("edge", each.edge().edge()).put("incarnation", each.edge().incarnation())
                    .put("users", each.users().size()).put("connections", each.connections());
            putNames(edge, "who", id, each.users().keySet());
        }
        var cursors = object.put("cursors_in_all", entries.cursors().size()).putArray("cursors");
        for (var each : limit.of(entries.cursors()))
            cursors.addObject().put("user", name(id, each.user())).put("seq", each.seq());
        var waiting = object.put("waiting_in_all", entries.waiting().size()).putArray("waiting");
        for (var each : limit.of(entries.waiting().entrySet())) {
            var pending = each.getValue();
            var message = waiting.addObject().put("seq", each.getKey())
                    .put("posted", Instant.ofEpochMilli(pending.ts()).toString())
                    .put("expires", Instant.ofEpochMilli(pending.expires()).toString())
                    .put("by", name(id, pending.poster())).put("users", pending.recipients().size());
            putNames(message, "waits_for", id, pending.recipients());
        }
        return object;
    }

    private void putNames(ObjectNode object, String field, RoomId id, Collection<UserId> users) {
        var names = object.putArray(field);
        for (var user : limit.of(users)) names.add(name(id, user));
    }
}
