package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.time.Instant;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code infra/rejoinctl dead-letters list}: prints one line for each dead letter. */
@Command(name = "list", description = "Prints one line for each dead letter: offset, log time, origin, size and reason.")
final class ListCommand extends KafkaCommand {
    @Option(names = "--topic", paramLabel = "T", description = "Lists only letters from this topic, for example rejoin.commands")
    private @Nullable String topic;

    @Option(names = "--since", paramLabel = "TIME", description = "Lists only letters from this time on, for example 2026-11-24T00:00:00Z")
    private @Nullable Instant since;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "Lists only the newest N letters. Default: ${DEFAULT-VALUE}")
    private int limit;

    @Option(names = "--partition", paramLabel = "P", defaultValue = "0", description = "Partition of rejoin.dead-letters. A topic that a router created has only partition 0. Default: ${DEFAULT-VALUE}")
    private int partition;

    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private long found;

    ListCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() {
        if (limit < 1) throw wrong("--limit must be at least 1");
        if (partition < 0) throw wrong("--partition must be at least 0");
        try (var letters = new LetterTopic(kafka, partition)) {
            letters.read(since == null ? letters.begin() : letters.since(since), this::add);
        }
        var err = err();
        if (found == 0) err.println("no matching dead letters");
        if (found > lines.size()) err.println((found - lines.size()) + " older letters are not listed; raise --limit");
        lines.forEach(out()::println);
        return 0;
    }

    private void add(Letter letter) {
        var origin = letter.origin();
        if (topic != null && !origin.map(Origin::topic).filter(topic::equals).isPresent()) return;
        found++;
        if (lines.size() == limit) lines.removeFirst();
        lines.addLast(letter.offset() + "  " + Instant.ofEpochMilli(letter.record().timestamp()) + "  "
                + letter.from().orElse("origin unknown") + "  " + letter.size() + " B  "
                + TerminalText.line(letter.reason()));
    }
}
