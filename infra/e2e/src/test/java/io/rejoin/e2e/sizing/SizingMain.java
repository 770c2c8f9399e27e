package io.rejoin.e2e.sizing;

import io.rejoin.tools.sizing.Costs;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;

/**
 * The program of {@code infra/sizing}: measures the unit costs once, or merges the results of several runs into the
 * project's costs.
 */
public final class SizingMain {
    private SizingMain() {}

    /** Takes {@code CONNECTIONS OUT}, or {@code --merge COSTS RUN...}; the script checks these arguments. */
    public static void main(String[] arguments) throws Exception {
        if (arguments[0].equals("--merge"))
            merge(Path.of(arguments[1]), List.of(arguments).subList(2, arguments.length));
        else
            measure(Integer.parseInt(arguments[0]), Path.of(arguments[1]));
        System.exit(0);
    }

    private static void merge(Path file, List<String> runs) throws IOException {
        var measured = new ArrayList<Costs>();
        for (var run : runs) measured.add(Costs.read(Files.readString(Path.of(run))));
        Files.writeString(file, Costs.read(Files.readString(file)).with(measured).json());
        System.out.println(file + " now has the medians of " + runs.size() + " runs");
    }

    private static void measure(int connections, Path out) throws Exception {
        var folder = Files.createTempDirectory("rejoin-sizing-");
        var certificate = Certificate.make(folder);
        certificate.trust(); // before any client exists
        var found = new Found(System.out);
        var services = Services.start(folder);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(services, folder))); // also after Ctrl-C
        new MemoryRun(services, connections, found).run(certificate);
        services.restartEdge(Map.of());
        new WorkRun(new Bench(services, connections / 2, folder, found)).run();
        Frames.measure(found);
        Files.writeString(out, found.costs().json());
        System.out.println("written: " + out);
    }

    private static void end(Services services, Path folder) {
        services.close();
        try {
            delete(folder);
        } catch (IOException e) {
            System.err.println("cannot delete " + folder + ": " + e);
        }
    }

    private static void delete(Path folder) throws IOException {
        try (var files = Files.walk(folder)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) Files.deleteIfExists(file);
        }
    }
}
