package io.rejoin.tools;

import picocli.CommandLine.Option;

/** The option for the form of the output: for people or for programs. */
final class Form {
    @Option(names = "--json", description = "For programs: an object of JSON in each line")
    private boolean json;

    boolean isJson() {
        return json;
    }
}
