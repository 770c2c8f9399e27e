package io.rejoin.tools;

import io.rejoin.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.time.Instant;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command {@code infra/rejoinctl dead-letters show}: prints one dead letter, and whether it can be replayed. */
@Command(name = "show", description = "Prints one dead letter: headers, key and value, and what a replay would do.")
final class ShowCommand extends KafkaCommand {
    @Parameters(paramLabel = "OFFSET", description = "Offset of the letter in rejoin.dead-letters")
    private long offset;

    @Option(names = "--partition", paramLabel = "P", defaultValue = "0", description = "Partition of rejoin.dead-letters. A topic that a router created has only partition 0. Default: ${DEFAULT-VALUE}")
    private int partition;

    ShowCommand(KafkaAccess kafka) {
        super(kafka);
    }

    @Override
    public Integer call() {
        if (partition < 0) throw wrong("--partition must be at least 0");
        try (var letters = new LetterTopic(kafka, partition)) {
            var letter = letters.find(offset).orElseThrow(() -> new OperatorException(letters.missing(offset)));
            show(letter, out());
        }
        return 0;
    }

    private void show(Letter letter, PrintWriter out) {
        var record = letter.record();
        out.println("offset  " + letter.offset());
        out.println("time    " + Instant.ofEpochMilli(record.timestamp()));
        out.println("from    " + letter.from().orElse("unknown"));
        out.println("reason  " + TerminalText.line(letter.reason()));
        out.println("replay  "
                + switch (ReplayDecision.of(letter, kafka.topics(), new ReplayDecision.Allowed(true, false))) {
                    case ReplayDecision.Replay(var origin) -> "goes to " + origin.topic() + "-" + origin.partition();
                    case ReplayDecision.Refused(var reason) -> "refused: " + TerminalText.line(reason);
                });
        for (var header : record.headers())
            out.println("header  " + TerminalText.line(header.key()) + " = " + TerminalText.line(header.value()));
        out.println("key     " + TerminalText.line(record.key()));
        out.println("value   " + letter.size() + " bytes");
        out.println(TerminalText.block(ReadableValue.of(record.value())));
    }
}
