package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * The command {@code infra/rejoinctl dead-letters replay}: appends the originals of dead letters to their topics again.
 */
@Command(name = "replay", description = {
        "Appends the original of each letter to its topic and partition again, once, and prints the result.",
        "Refuses letters whose replay is of no use or does harm, and says why.",
        "Does not know what earlier runs replayed. A post with an id is still posted only once within a day",
        "of log time. A post without an id is posted again."})
final class ReplayCommand extends KafkaCommand {
    @Parameters(paramLabel = "OFFSET", arity = "0..*", description = "Offsets of letters in rejoin.dead-letters")
    private List<Long> offsets = List.of();

    @Option(names = "--all", description = "Replays all letters that are in the partition now")
    private boolean all;

    @Option(names = "--topic", paramLabel = "T", description = "With --all: replays only letters from this topic, for example rejoin.events")
    private @Nullable String topic;

    @Option(names = "--memberships", description = "Also replays joins and leaves. Use it only after their edges have ended or restarted")
    private boolean memberships;

    @Option(names = "--dry-run", description = "Only prints what a replay would do")
    private boolean dry;

    @Option(names = "--partition", paramLabel = "P", defaultValue = "0", description = "Partition of rejoin.dead-letters. A topic that a router created has only partition 0. Default: ${DEFAULT-VALUE}")
    private int partition;

    private int done;
    private int refused;

    ReplayCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() {
        check();
        try (var letters = new LetterTopic(kafka, partition);
                var replayer = new Replayer(Replayer.producer(kafka), letters::partitions, dry)) {
            if (all) letters.read(letters.begin(), letter -> replayIfMeant(letter, replayer));
            for (var offset : offsets) {
                letters.find(offset).ifPresentOrElse(letter -> replay(letter, replayer),
                        () -> refused(offset, letters.missing(offset)));
            }
        }
        err()
                .println(done + (dry ? " would be replayed, " : " replayed, ") + refused + " refused");
        return refused == 0 ? 0 : 1;
    }

    private void check() {
        if (all == !offsets.isEmpty()) throw wrong("give either offsets or --all");
        if (topic != null && !all) throw wrong("--topic works only with --all");
        if (partition < 0) throw wrong("--partition must be at least 0");
    }

    private void replayIfMeant(Letter letter, Replayer replayer) {
        if (topic == null || letter.origin().map(Origin::topic).filter(topic::equals).isPresent())
            replay(letter, replayer);
    }

    private void replay(Letter letter, Replayer replayer) {
        var verdict = ReplayDecision.of(letter, kafka.topics(), new ReplayDecision.Allowed(!all, memberships));
        switch (outcome(letter, verdict, replayer)) {
            case Replayer.Outcome.Done(var at) -> done(letter, "replayed, is now " + at);
            case Replayer.Outcome.WouldBe(var to) -> done(letter, "would be replayed to " + to);
            case Replayer.Outcome.Refused(var reason) -> refused(letter.offset(), reason);
        }
    }

    private Replayer.Outcome outcome(Letter letter, ReplayDecision verdict, Replayer replayer) {
        try {
            return replayer.replay(letter, verdict);
        } catch (OperatorException e) {
            throw new OperatorException("letter " + letter.offset() + ": " + e.getMessage() + ". Before it, " + done
                    + " letters were replayed");
        }
    }

    private void done(Letter letter, String what) {
        done++;
        out().println(letter.offset() + "  " + letter.origin().map(Origin::text).orElse("")
                + "  " + what);
    }

    private void refused(long offset, String reason) {
        refused++;
        out().println(offset + "  refused: " + TerminalText.line(reason));
    }
}
