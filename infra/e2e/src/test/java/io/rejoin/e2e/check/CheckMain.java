package io.rejoin.e2e.check;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Checks histories from the command line: {@code [--min-oks N] [--min-faults N] FILE...}. Exit code 0: clean. 1:
 * violations. 2: wrong usage or unreadable file.
 */
public final class CheckMain {
    private static final int MISUSED = 2;

    private CheckMain() {}

    public static void main(String[] arguments) {
        System.exit(run(List.of(arguments)));
    }

    static int run(List<String> arguments) {
        var minOks = 1L;
        var minFaults = 0;
        var files = new ArrayList<Path>();
        try {
            for (var each = arguments.iterator(); each.hasNext();) {
                switch (each.next()) {
                    case "--min-oks" -> minOks = Long.parseLong(each.next());
                    case "--min-faults" -> minFaults = Integer.parseInt(each.next());
                    case String file -> files.add(Path.of(file));
                }
            }
            if (files.isEmpty() || !files.stream().allMatch(Files::isReadable)) {
                System.err.println("usage: [--min-oks N] [--min-faults N] FILE...; cannot read " + files);
                return MISUSED;
            }
            var report = Checker.check(files, Requirements.of(minOks, minFaults));
            System.out.print(report.text());
            return report.exitStatus();
        } catch (IOException | RuntimeException e) {
            System.err.println("cannot check " + files + ": " + e);
            return MISUSED;
        }
    }
}
