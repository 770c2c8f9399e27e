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
        "Looks after an installation of Rejoin: what its topics hold, how far its services are, what was put aside."}, footerHeading = "%nExamples:%n", footer = {
                "  infra/rejoinctl doctor                            is all well here, and what is to be done?",
                "  infra/rejoinctl lag --max 100                     1 while routers or history are further behind",
                "  infra/rejoinctl drain edge-2                      sends its clients elsewhere, and waits until it is empty",
                "  infra/rejoinctl room lobby                        how far a room has come, and who is in it",
                "  infra/rejoinctl tail events --room lobby -f       what is said in a room, as it is said",
                "  infra/rejoinctl dead-letters list --since 2026-11-24T00:00:00Z",
                "  infra/rejoinctl size --connections 1M             how large an installation has to be",
                "",
                "Kafka is the one of KAFKA_BOOTSTRAP_SERVERS; where that is not set, that of infra/run --infra-only",
                "with the same --data DIR, else 127.0.0.1:9092. REJOIN_PREFIX and KAFKA_* count as for the services.",
                "It ends with 0 when all is done and well, with 1 when something is not, with 2 when it is asked",
                "or configured wrongly."})
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
            case TroubleException trouble -> String.valueOf(trouble.getMessage());
            case TimeoutException silence ->
                "Kafka at " + servers + " does not answer: check KAFKA_BOOTSTRAP_SERVERS and the broker ("
                        + silence.getMessage() + ")";
            case KafkaException refusal -> Rights.ofTools(kafka).refusal(refusal)
                    .orElseGet(() -> "Kafka at " + servers + " cannot be used: " + Program.explained(refusal));
            default -> throw failure; // a bug: picocli prints its stack trace
        };
    }
}
