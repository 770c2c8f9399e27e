package io.rejoin.tools;

import io.rejoin.contracts.env.Program;
import io.rejoin.contracts.env.Settings;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.kafka.Rights;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.TimeoutException;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/**
 * The command line of {@code infra/rejoinctl}. Exit code: 0 when all is done and well; 1 when something was refused,
 * failed or is not well; 2 for a wrong command line or configuration.
 */
@Command(name = "infra/rejoinctl", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Checks and operates an installation of Rejoin: topics, progress of services, rooms, dead letters."}, footerHeading = "%nExamples:%n", footer = {
                "  infra/rejoinctl doctor                            what is wrong, and what to do",
                "  infra/rejoinctl lag --max 100                     ends with 1 if a lag is more than 100",
                "  infra/rejoinctl drain edge-2                      sends its clients to other edges, and waits",
                "  infra/rejoinctl room lobby                        epoch, seq and members of a room",
                "  infra/rejoinctl tail events --room lobby -f       the events of a room, as they come",
                "  infra/rejoinctl dead-letters list --since 2026-11-24T00:00:00Z",
                "  infra/rejoinctl size --connections 1M             how large an installation must be",
                "",
                "Uses the Kafka at KAFKA_BOOTSTRAP_SERVERS. If this is not set, uses the Kafka of infra/run",
                "--infra-only with the same --data DIR, or else 127.0.0.1:9092. REJOIN_PREFIX and KAFKA_* work as",
                "for the services. Ends with 0 if all is done and well, with 1 if something is not, and with 2 if",
                "the command line or the configuration is wrong."})
public final class RejoinctlMain {
    private RejoinctlMain() {}

    public static void main(String[] arguments) {
        var out = new PrintWriter(System.out, true, StandardCharsets.UTF_8);
        var err = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        System.exit(run(System.getenv(), out, err, arguments));
    }

    /**
     * Runs the command of the arguments, configured by the environment.
     *
     * @return the exit code of the process
     */
    public static int run(Map<String, String> env, PrintWriter out, PrintWriter err, String... arguments) {
        var settings = new Settings(env);
        var kafka = KafkaAccess.read(settings);
        try {
            settings.check();
        } catch (IllegalArgumentException e) {
            err.println("rejoin: " + e.getMessage());
            return 2;
        }
        var line = commands(env, kafka);
        line.setOut(out).setErr(err);
        line.setParameterExceptionHandler((wrong, _) -> {
            err.println("rejoin: " + wrong.getMessage() + "; see "
                    + wrong.getCommandLine().getCommandSpec().qualifiedName() + " --help");
            return 2;
        });
        line.setExecutionExceptionHandler((failure, _, _) -> {
            err.println("rejoin: " + explained(failure, kafka));
            return 1;
        });
        if (arguments.length == 0) {
            line.usage(err);
            return 2;
        }
        return line.execute(arguments);
    }

    private static CommandLine commands(Map<String, String> env, KafkaAccess kafka) {
        var letters = new CommandLine(new DeadLettersCommand()).addSubcommand(new ListCommand(kafka))
                .addSubcommand(new ShowCommand(kafka)).addSubcommand(new ReplayCommand(kafka));
        var topics = new CommandLine(new TopicsCommand()).addSubcommand(new TopicsCheckCommand(env))
                .addSubcommand(new TopicsCreateCommand(env));
        return new CommandLine(new RejoinctlMain()).addSubcommand(new DoctorCommand(env, kafka))
                .addSubcommand(new EdgesCommand(kafka)).addSubcommand(new DrainCommand(kafka))
                .addSubcommand(new LagCommand(kafka))
                .addSubcommand(new RoomCommand(kafka)).addSubcommand(new UserCommand(kafka))
                .addSubcommand(new TailCommand(kafka)).addSubcommand(topics).addSubcommand(letters)
                .addSubcommand(new EraseUserCommand(env)).addSubcommand(new TokenCommand(env))
                .addSubcommand(new SizeCommand());
    }

    private static String explained(Exception failure, KafkaAccess kafka) throws Exception {
        var servers = kafka.servers();
        return switch (failure) {
            case OperatorException trouble -> String.valueOf(trouble.getMessage());
            case TimeoutException silence ->
                "Kafka at " + servers + " does not answer: check KAFKA_BOOTSTRAP_SERVERS and the broker ("
                        + silence.getMessage() + ")";
            case KafkaException refusal -> Rights.ofTools(kafka).refusal(refusal)
                    .orElseGet(() -> "Kafka at " + servers + " cannot be used: " + Program.explained(refusal));
            default -> throw failure; // a bug: picocli prints its stack trace
        };
    }
}
