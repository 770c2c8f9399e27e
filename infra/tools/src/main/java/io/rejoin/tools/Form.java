package io.rejoin.tools;

import picocli.CommandLine.Option;

/** For people, or for programs. */
final class Form {
    @Option(names = "--json", description = "For programs: an object of JSON in each line")
    private boolean json;

    boolean isJson() {
        return json;
    }
}
