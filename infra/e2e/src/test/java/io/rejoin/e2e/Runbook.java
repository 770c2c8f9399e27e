package io.rejoin.e2e;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;

/** The commands of {@code infra/RUNBOOK.md}. */
final class Runbook {
    private Runbook() {}

    /** The commands of the first block below a heading, one for each line, in order. */
    static List<String> commands(String heading) throws IOException {
        var block = Pattern.compile("^#+ " + Pattern.quote(heading) + "\n.*?^```sh\n(.*?)^```$",
                Pattern.MULTILINE | Pattern.DOTALL).matcher(Files.readString(Path.of("..", "RUNBOOK.md")));
        if (!block.find()) throw new IllegalStateException("the runbook has no commands below " + heading);
        return block.group(1).lines().filter(line -> !line.isBlank()).toList();
    }
}
