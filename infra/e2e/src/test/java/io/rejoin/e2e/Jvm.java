package io.rejoin.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Command lines of JVMs that see what these tests see. */
public final class Jvm {
    private Jvm() {}

    /** Starts from the {@link ClassArchive}, if there is one. */
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

    /** The class path may be longer than a command line: it goes into an argument file. */
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
