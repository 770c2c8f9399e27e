package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.time.Instant;
import java.util.ArrayDeque;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The command {@code infra/rejoinctl dead-letters list}: prints one line for each dead letter. */
@Command(name = "list", description = "One line for each letter: its offset, log time, where it is from, size, and why it is there.")
final class ListCommand extends KafkaCommand {
    @Option(names = "--topic", paramLabel = "T", description = "Only those from that topic, for example rejoin.commands")
    private @Nullable String topic;

    @Option(names = "--since", paramLabel = "TIME", description = "Only those since then, for example 2026-11-24T00:00:00Z")
    private @Nullable Instant since;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "100", description = "The newest N. Default: ${DEFAULT-VALUE}")
    private int limit;

    @Option(names = "--partition", paramLabel = "P", defaultValue = "0", description = "Of rejoin.dead-letters; one made by a router has only the default: ${DEFAULT-VALUE}")
    private int partition;

    private final ArrayDeque<String> lines = new ArrayDeque<>();
    private long found;

    ListCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() {
        if (limit < 1) throw wrong("--limit is at least 1");
        if (partition < 0) throw wrong("--partition is at least 0");
        try (var letters = new LetterTopic(kafka, partition)) {
            letters.read(since == null ? letters.begin() : letters.since(since), this::add);
        }
        var err = err();
        if (found == 0) err.println("no such dead letters");
        if (found > lines.size()) err.println((found - lines.size()) + " older ones are left out; see --limit");
        lines.forEach(out()::println);
        return 0;
    }

    private void add(Letter letter) {
        var origin = letter.origin();
        if (topic != null && !origin.map(Origin::topic).filter(topic::equals).isPresent()) return;
        found++;
        if (lines.size() == limit) lines.removeFirst();
        lines.addLast(letter.offset() + "  " + Instant.ofEpochMilli(letter.record().timestamp()) + "  "
                + letter.from().orElse("from nowhere known") + "  " + letter.size() + " B  "
                + Legible.line(letter.reason()));
    }
}
