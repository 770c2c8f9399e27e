package io.rejoin.tools;

import io.rejoin.tools.sizing.Amount;
import io.rejoin.tools.sizing.Costs;
import io.rejoin.tools.sizing.Sizing;
import java.io.PrintWriter;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The command {@code infra/rejoinctl size}: calculates the size that an installation needs. */
@Command(name = "size", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Calculates how large an installation must be: edges, routers, partitions, Kafka, PostgreSQL, and",
        "the load of a storm of reconnects. The basis is the cost of each unit of work, which infra/sizing",
        "measures. Asks no service anything. Says what decides each number, and where the result goes",
        "beyond what was measured."}, footerHeading = "%nExample:%n", footer = {
                "  infra/rejoinctl size --connections 1M --members 50 --posts 5k --bytes 300 --tls"})
final class SizeCommand implements Callable<Integer> {
    @Mixin
    private final DemandOptions demand = new DemandOptions();

    @Mixin
    private final MachineOptions machines = new MachineOptions();

    @Option(names = "--markdown", description = "Prints a Markdown table, for a document")
    private boolean markdown;

    @Mixin
    private final OutputFormat form = new OutputFormat();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    @Override
    public Integer call() {
        if (markdown && form.isJson()) throw wrong("give --markdown or --json, not both");
        try {
            var sizing = Sizing.of(demand.demand(), machines.machines(), Costs.known());
            if (markdown) table(sizing, spec.commandLine().getOut());
            else
                rows(sizing, spec.commandLine().getOut());
            return 0;
        } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
        }
    }

    private void rows(Sizing sizing, PrintWriter out) {
        var isJson = form.isJson();
        var rows = isJson
                ? new Rows(out, true, "part", "what", "value", "unit", "why", "assumed")
                : new Rows(out, false, "part", "what", "", "why", "based on");
        for (var row : sizing.rows()) {
            if (isJson) rows.add(row.part(), row.what(), row.value(), row.unit(), row.why(), row.assumed());
            else
                rows.add(row.part(), row.what(), Amount.text(row.value(), row.unit()), row.why(),
                        row.assumed().isEmpty() ? "measured" : "assumed " + String.join(", ", row.assumed()));
        }
        rows.end();
        if (isJson) {
            var warnings = new Rows(out, true, "warning");
            sizing.warnings().forEach(warnings::add);
        } else
            sizing.warnings().forEach(out::println);
    }

    private static void table(Sizing sizing, PrintWriter out) {
        out.println("| part | what | | why |");
        out.println("|---|---|---|---|");
        var assumed = new TreeSet<String>();
        for (var row : sizing.rows()) {
            out.println("| " + row.part() + " | " + row.what() + " | " + Amount.text(row.value(), row.unit())
                    + (row.assumed().isEmpty() ? "" : " *") + " | " + row.why() + " |");
            assumed.addAll(row.assumed());
        }
        if (!assumed.isEmpty())
            out.println("\n\\* also based on assumed costs: `" + String.join("`, `", assumed) + "`.");
        if (!sizing.warnings().isEmpty()) out.println();
        sizing.warnings().forEach(warning -> out.println("- " + warning));
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
