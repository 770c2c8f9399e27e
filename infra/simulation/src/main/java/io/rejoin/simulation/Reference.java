package io.rejoin.simulation;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.contracts.log.Event;
import io.rejoin.router.core.Output;
import io.rejoin.router.core.Shard;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The outputs that have to follow from a partition of the command log. They come from a shard that never fails and
 * takes every record the moment it is appended.
 *
 * <p>Each output of any router must be one of these outputs, even when it is late, repeated or from a zombie. A reader
 * drops outputs that are not beyond the last one it took; the outputs that are left must have no hole.
 */
final class Reference {
    /** A reader of events, of dead letters, or of the deliveries for one incarnation of an edge. */
    private static final class Reader {
        final List<Source> pendingCommands = new ArrayList<>();
        int taken;

        void read(Source source, String where) {
            if (taken > 0 && !source.isBeyond(pendingCommands.get(taken - 1))) return;
            Violation.unless(taken < pendingCommands.size() && pendingCommands.get(taken).equals(source),
                    () -> "a gap in " + where + ": " + source.text() + " arrived, "
                            + (taken < pendingCommands.size() ? pendingCommands.get(taken).text() : "nothing")
                            + " was expected");
            taken++;
        }
    }

    private final int partition;
    private final Shard shard;
    private final LogModel facts;
    private final List<List<Output>> outputs = new ArrayList<>();
    private final Reader events = new Reader();
    private final Reader letters = new Reader();
    private final Map<EdgeRef, Reader> edges = new HashMap<>();

    Reference(int partition, LogModel facts, Bug bug) {
        this.partition = partition;
        this.shard = StateLog.shard(partition, bug, Stream.empty());
        this.facts = facts;
    }

    Shard shard() {
        return shard;
    }

    /** A record was appended at the next offset of the command log. */
    void appended(CommandRecord record) {
        facts.recordBegins(partition, record);
        var followed = shard.apply(outputs.size(), record.ts(), record.batch());
        outputs.add(followed);
        for (var output : followed) {
            switch (output) {
                case Output.Fact(var source, var event) -> {
                    events.pendingCommands.add(source);
                    facts.happened(event);
                }
                case Output.Push(var source, var edge, var delivery) -> {
                    edges.computeIfAbsent(edge, _ -> new Reader()).pendingCommands.add(source);
                    facts.pushed(delivery);
                }
                case Output.DeadLetter letter -> letters.pendingCommands.add(letter.source());
            }
        }
        facts.recordDone(record.commands());
        checkAnswers(record.commands(), followed);
    }

    /**
     * Checks that each post with an id has one answer: the ack of a message with the same content, or a justified
     * refusal.
     */
    private void checkAnswers(List<Command> commands, List<Output> followed) {
        var answers = followed.stream()
                .map(output -> output instanceof Output.Push(_, _, var delivery) ? delivery : null)
                .filter(delivery -> delivery instanceof Delivery.Acked || delivery instanceof Delivery.Refused)
                .iterator();
        for (var command : commands) {
            if (!(command instanceof Command.Post post) || post.id() == null) continue;
            Violation.unless(answers.hasNext(), () -> "no answer to " + post);
            facts.checkAnswer(post, answers.next());
        }
        Violation.unless(!answers.hasNext(), () -> "answers without a post: " + followed);
    }

    /** Checks an event that was appended to {@code rejoin.events}. */
    void landed(Source source, Event event) {
        Violation.unless(output(source) instanceof Output.Fact(_, var right) && right.equals(event),
                () -> source.text() + " in events is " + event + ", but should be " + output(source));
        events.read(source, "events");
    }

    /** Checks a dead letter that was appended. */
    void landed(Output.DeadLetter letter) {
        Violation.unless(letter.equals(output(letter.source())), () -> "an unexpected dead letter: " + letter);
        letters.read(letter.source(), "dead letters");
    }

    /** Checks a delivery that a router has sent to an edge. */
    void landed(Source source, EdgeRef edge, Delivery delivery) {
        if (delivery instanceof Delivery.Redeliver again) {
            facts.confirming().redelivered(again, facts.head(again.room(), again.epoch()));
            return;
        }
        Violation.unless(
                output(source) instanceof Output.Push(_, var to, var right) && to.equals(edge)
                        && right.equals(delivery),
                () -> source.text() + " for " + edge + " is " + delivery + ", but should be " + output(source));
        var reader = edges.get(edge);
        if (reader != null) reader.read(source, "deliveries for " + edge);
    }

    /** Checks that all outputs have arrived. */
    void checkComplete() {
        Violation.unless(events.taken == events.pendingCommands.size(),
                () -> "events of partition " + partition + " are missing from "
                        + events.pendingCommands.get(events.taken).text());
        Violation.unless(letters.taken == letters.pendingCommands.size(), () -> "dead letters are missing");
        edges.forEach((edge, reader) -> Violation.unless(reader.taken == reader.pendingCommands.size(),
                () -> "deliveries for " + edge + " are missing from "
                        + reader.pendingCommands.get(reader.taken).text()));
    }

    private Output output(Source source) {
        var followed = outputs.get((int) source.offset());
        Violation.unless(source.index() < followed.size(), () -> "no output is expected from " + source.text());
        return followed.get(source.index());
    }
}
