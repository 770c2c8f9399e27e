package io.rejoin.tools;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandRecord;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Decides whether a dead letter is replayed. The decision depends only on the letter and on what the operator allows.
 */
sealed interface ReplayDecision {
    /**
     * The {@code ce_type} of an expired confirmation. It is among the dead letters for people to read; the event itself
     * is correct.
     */
    String EXPIRED = "io.rejoin.confirmation.expired.v1";

    /** At most this many edges are named in a reason. */
    int MAX_NAMED = 3;

    /**
     * What the operator allows.
     *
     * @param named       whether the operator named the letter by its offset, instead of {@code --all}
     * @param memberships whether to replay joins and leaves, too. The operator asserts that their edges have ended
     */
    record Allowed(boolean named, boolean memberships) {}

    /** The original is appended again to its topic and partition. */
    record Replay(Origin origin) implements ReplayDecision {}

    /** The letter is not replayed, because a replay would be useless or harmful. */
    record Refused(String reason) implements ReplayDecision {}

    static ReplayDecision of(Letter letter, TopicNames topics, Allowed allowed) {
        if (letter.header(EventCodec.TYPE).filter(EXPIRED::equals).isPresent())
            return new Refused(
                    "the message was not confirmed in time, but it is in the room and in history."
                            + " To get it confirmed, post it again");
        if (letter.isFromRouter())
            return new Refused("old deliveries are of no use: the members joined again and have these messages");
        var origin = letter.origin().orElse(null);
        if (origin == null)
            return new Refused(
                    "the header " + Topics.DEAD_LETTER_FROM
                            + " is missing, or names neither topic-partition@offset nor a router:"
                            + " no service of Rejoin wrote this letter");
        if (letter.isLeftOut())
            return new Refused("its value was too large to keep; the original may still be at " + origin.text());
        var topic = origin.topic();
        if (topic.equals(topics.commands())) return command(letter, origin, allowed);
        if (topic.equals(topics.events())) return event(letter, origin);
        if (topic.equals(topics.edges()))
            return new Refused("old heartbeats and orders are of no use: newer ones have replaced them");
        return new Refused("nothing is replayed to " + topic);
    }

    private static ReplayDecision command(Letter letter, Origin origin, Allowed allowed) {
        List<Command> commands;
        try {
            commands = commands(letter);
        } catch (MalformedRecordException e) {
            return new Refused("routers of this version cannot read the record: it would become a dead letter again: "
                    + e.getMessage());
        }
        if (!allowed.named() && letter.reason().startsWith("made the router fail"))
            return new Refused("the record may make routers fail again: fix the cause, then name its offset to"
                    + " replay it");
        var edges = edgesOfMemberships(commands);
        if (allowed.memberships() || edges.isEmpty()) return new Replay(origin);
        return new Refused("the record has joins or leaves of connections to " + named(edges) + ": while these edges"
                + " run, a replay can add members that are gone, or remove members that are present. After these edges"
                + " have ended or restarted, replay with --memberships");
    }

    /** The commands of a record that routers can carry out. The record may have unusable ones, too. */
    private static List<Command> commands(Letter letter) throws MalformedRecordException {
        var items = LogCodec.commandRecord(letter.record().value()).items();
        var commands = items.stream().flatMap(item -> switch (item) {
            case CommandRecord.Item.Usable(var command) -> Stream.of(command);
            case CommandRecord.Item.Unusable _ -> Stream.empty();
        }).toList();
        if (commands.isEmpty() && !items.isEmpty() && items.getFirst() instanceof CommandRecord.Item.Unusable first)
            throw new MalformedRecordException(first.reason());
        return commands;
    }

    /**
     * The edges whose members would change. Commands of a lost incarnation have no effect, but lost incarnations are
     * not known here.
     */
    private static SortedSet<String> edgesOfMemberships(List<Command> commands) {
        var edges = new TreeSet<String>();
        for (var command : commands) {
            switch (command) {
                case Command.Join join -> edges.add(join.edge().edge());
                case Command.Leave leave -> edges.add(leave.edge().edge());
                case Command.Post _,Command.Acknowledge _,Command.Expire _,Command.Forget _,Command.ListMembers _,Command.EdgeLost _ ->
                    {
                    } // these are correct, or without effect, even if late or repeated
            }
        }
        return edges;
    }

    private static String named(SortedSet<String> edges) {
        var first = String.join(", ", edges.stream().limit(MAX_NAMED).toList());
        return edges.size() > MAX_NAMED ? first + " and " + (edges.size() - MAX_NAMED) + " more" : first;
    }

    /**
     * Decides about an event, decoded as history does. History may take it for a router's repetition, because it has
     * stored later events; it then stores the message if it is missing.
     */
    private static ReplayDecision event(Letter letter, Origin origin) {
        try {
            var sourced = EventCodec.decode(headers(letter), letter.record().value());
            if (sourced.source().partition() != origin.partition())
                return new Refused("its " + EventCodec.ID + " names another partition: no router of Rejoin wrote it");
            return switch (sourced.event()) {
                case Event.MessagePosted posted when posted.epoch() < 1 || posted.seq() < 1 -> new Refused(
                        "epoch or seq is below 1: no router of Rejoin wrote it");
                case Event.MessagePosted _ -> new Replay(origin);
                case Event.MemberJoined _,Event.MemberLeft _,Event.CursorMoved _,Event.ConfirmationExpired _ ->
                    new Refused(
                            "history does not store events of this type; other readers find it at " + origin.text());
            };
        } catch (MalformedRecordException e) {
            return new Refused("history of this version cannot read the record: it would become a dead letter again: "
                    + e.getMessage());
        }
    }

    private static Map<String, String> headers(Letter letter) {
        var map = new HashMap<String, String>();
        for (var header : letter.record().headers()) {
            if (header.value() != null) map.put(header.key(), new String(header.value(), UTF_8));
        }
        return map;
    }
}
