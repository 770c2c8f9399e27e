package io.rejoin.tools;

import picocli.CommandLine.Option;

/** The option for the form of the output: for people or for programs. */
final class OutputFormat {
    @Option(names = "--json", description = "Prints a JSON object in each line, for programs")
    private boolean json;

    boolean isJson() {
        return json;
    }
}
