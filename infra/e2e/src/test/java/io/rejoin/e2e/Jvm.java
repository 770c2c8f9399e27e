package io.rejoin.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Builds command lines of JVMs with the class path of these tests. */
public final class Jvm {
    private Jvm() {}

    /** The command line of a JVM that starts from the {@link ClassArchive}, if there is one. */
    public static List<String> command(List<String> options, String main, String... arguments) {
        var all = new ArrayList<>(ClassArchive.options());
        all.addAll(options);
        return commandWithout(all, main, arguments);
    }

    static List<String> commandWithout(List<String> options, String main, String... arguments) {
        var command = new ArrayList<String>();
        command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
        command.addAll(options);
        command.add("@" + classPathFile());
        command.add(main);
        command.addAll(List.of(arguments));
        return command;
    }

    /** Writes the class path into an argument file, because it may be too long for a command line. */
    private static Path classPathFile() {
        try {
            var file = Files.createTempFile("rejoin-e2e", ".args");
            file.toFile().deleteOnExit();
            return Files.writeString(file, "-cp \"" + ClassArchive.classPath() + "\"");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
