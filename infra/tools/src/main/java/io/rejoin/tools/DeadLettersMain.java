package io.rejoin.tools;

import io.rejoin.contracts.env.Settings;
import io.rejoin.kafka.KafkaAccess;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** The command line of {@code infra/dead-letters}. Ends with 0 when all is done, 1 when something was refused or failed, 2 for a wrong command line. */
@Command(name = "infra/dead-letters", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Lists, shows and replays what services put aside in rejoin.dead-letters: records that they could not use.",
        "Nothing is ever deleted there but by the topic's retention."}, footerHeading = "%nExamples:%n", footer = {
                "  infra/dead-letters list --since 2026-11-24T00:00:00Z",
                "  infra/dead-letters show 17",
                "  infra/dead-letters replay --dry-run --all    what would be done",
                "  infra/dead-letters replay 17 18",
                "",
                "Kafka is the one of KAFKA_BOOTSTRAP_SERVERS; where that is not set, that of infra/run --infra-only",
                "with the same --data DIR, else 127.0.0.1:9092. REJOIN_PREFIX and KAFKA_* count as for the services."})
public final class DeadLettersMain {
    private DeadLettersMain() {}

    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(System.getenv(), out, err, arguments));
    }

    private static int run(Map<String, String> env, PrintWriter out, PrintWriter err, String... arguments) {
        try {
            var settings = new Settings(env);
            var kafka = KafkaAccess.read(settings);
            settings.check();
            return run(kafka, out, err, arguments);
        } catch (IllegalArgumentException e) {
            err.println("rejoin: " + e.getMessage());
            return 2;
        }
    }

    /** Does what the arguments say. */
    static int run(KafkaAccess kafka, PrintWriter out, PrintWriter err, String... arguments) {
        var line = new CommandLine(new DeadLettersMain()).addSubcommand(new ListCommand(kafka))
                .addSubcommand(new ShowCommand(kafka)).addSubcommand(new ReplayCommand(kafka));
        line.setOut(out).setErr(err);
        line.setParameterExceptionHandler((wrong, _) -> {
            err.println("rejoin: " + wrong.getMessage() + "; see "
                    + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return 2;
        });
        line.setExecutionExceptionHandler((failure, _, _) -> {
            err.println("rejoin: " + explained(failure, kafka.servers()));
            return 1;
        });
        if (arguments.length == 0) {
            line.usage(err);
            return 2;
        }
        return line.execute(arguments);
    }

    private static String explained(Exception failure, String servers) throws Exception {
        return switch (failure) {
            case TroubleException trouble -> String.valueOf(trouble.getMessage());
            case TimeoutException silence ->
                "Kafka at " + servers + " does not answer: check KAFKA_BOOTSTRAP_SERVERS and"
                        + " the broker (" + silence.getMessage() + ")";
            case KafkaException refusal -> "Kafka at " + servers + " cannot be used: " + reasons(refusal);
            default -> throw failure; // a bug: with its stack trace
        };
    }

    private static String reasons(Throwable failure) {
        var cause = failure.getCause();
        return failure.getMessage() + (cause == null ? "" : ": " + reasons(cause));
    }
}
