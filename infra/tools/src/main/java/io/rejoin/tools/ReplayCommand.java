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
        "Appends the original of each letter to its topic and partition again, once, and says what was done.",
        "Refuses what would be of no use or do harm, and says why. What was replayed in an earlier run is not known:",
        "a post with an id is posted once all the same, within a day of log time; one without is posted again."})
final class ReplayCommand extends KafkaCommand {
    @Parameters(paramLabel = "OFFSET", arity = "0..*", description = "Offsets in rejoin.dead-letters")
    private List<Long> offsets = List.of();

    @Option(names = "--all", description = "All letters there are now")
    private boolean all;

    @Option(names = "--topic", paramLabel = "T", description = "With --all: only those from that topic, for example rejoin.events")
    private @Nullable String topic;

    @Option(names = "--memberships", description = "Also records with joins and leaves: the edges they came from have ended")
    private boolean memberships;

    @Option(names = "--dry-run", description = "Only say what would be done")
    private boolean dry;

    @Option(names = "--partition", paramLabel = "P", defaultValue = "0", description = "Of rejoin.dead-letters; one made by a router has only the default: ${DEFAULT-VALUE}")
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
        if (all == !offsets.isEmpty()) throw wrong("either offsets or --all, which of them is to be replayed");
        if (topic != null && !all) throw wrong("--topic goes with --all");
        if (partition < 0) throw wrong("--partition is at least 0");
    }

    private void replayIfMeant(Letter letter, Replayer replayer) {
        if (topic == null || letter.origin().map(Origin::topic).filter(topic::equals).isPresent())
            replay(letter, replayer);
    }

    private void replay(Letter letter, Replayer replayer) {
        var verdict = Verdict.of(letter, kafka.topics(), new Verdict.Allowed(!all, memberships));
        switch (outcome(letter, verdict, replayer)) {
            case Replayer.Outcome.Done(var at) -> done(letter, "replayed, is now " + at);
            case Replayer.Outcome.WouldBe(var to) -> done(letter, "would be replayed to " + to);
            case Replayer.Outcome.Refused(var reason) -> refused(letter.offset(), reason);
        }
    }

    private Replayer.Outcome outcome(Letter letter, Verdict verdict, Replayer replayer) {
        try {
            return replayer.replay(letter, verdict);
        } catch (TroubleException e) {
            throw new TroubleException("letter " + letter.offset() + ": " + e.getMessage() + ". Before it, " + done
                    + " were replayed");
        }
    }

    private void done(Letter letter, String what) {
        done++;
        out().println(letter.offset() + "  " + letter.origin().map(Origin::text).orElse("")
                + "  " + what);
    }

    private void refused(long offset, String reason) {
        refused++;
        out().println(offset + "  refused: " + Legible.line(reason));
    }
}
