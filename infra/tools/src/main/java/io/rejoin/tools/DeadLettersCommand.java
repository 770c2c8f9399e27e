package io.rejoin.tools;

import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code infra/rejoinctl dead-letters}. Its subcommands do the work. */
@Command(name = "dead-letters", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Lists, shows and replays the dead letters in rejoin.dead-letters: records that services could not",
        "use. Only the topic's retention deletes them."}, footerHeading = "%nExamples:%n", footer = {
                "  infra/rejoinctl dead-letters list --since 2026-11-24T00:00:00Z",
                "  infra/rejoinctl dead-letters show 17",
                "  infra/rejoinctl dead-letters replay --dry-run --all    what a replay would do",
                "  infra/rejoinctl dead-letters replay 17 18"})
final class DeadLettersCommand implements Callable<Integer> {
    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        throw new ParameterException(spec.commandLine(), "give a subcommand: list, show or replay");
    }
}
