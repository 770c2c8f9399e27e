package io.rejoin.bench.system;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.util.stream.Collectors.toMap;

import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The peers' servers that {@code infra/bench/peers/prepare} can build on this machine. It runs on first use, so that a
 * run without peers needs no toolchain.
 */
final class PeerPrograms {
    /** System property with the folder {@code infra/bench/peers}; {@code infra/bench/run} sets it. */
    static final String FOLDER = "rejoin.bench.peers";
    /** A line of {@code prepare}: {@code node-stream: available}, or {@code node-stream: left out: } and the reason. */
    private static final Pattern LINE = Pattern.compile("([a-z-]+): (?:available|left out: (.+))");

    private static final class Made {
        private static final State STATE = make(System.getProperty(FOLDER));
    }

    /** @param problem that makes all peers unusable */
    private record State(Map<String, Optional<String>> peers, Optional<String> problem) {
        static State unusable(String why) {
            return new State(Map.of(), Optional.of(why));
        }
    }

    private PeerPrograms() {}

    /** The reason why that peer cannot be started here, as text for people; empty if it can. */
    static Optional<String> missing(String peer) {
        return missing(peer, Made.STATE);
    }

    private static Optional<String> missing(String peer, State state) {
        if (state.problem().isPresent()) return state.problem();
        return state.peers().getOrDefault(peer, Optional.of("unknown to infra/bench/peers/prepare"));
    }

    /** The folder of the prepared peers. */
    static Path folder() {
        return Path.of(Objects.requireNonNull(System.getProperty(FOLDER), FOLDER)).resolveSibling("target/peers");
    }

    private static State make(@Nullable String folder) {
        if (folder == null) return State.unusable("unknown folder of the peers: start this with infra/bench/run");
        try {
            var prepare = new ProcessBuilder(Path.of(folder, "prepare").toString()).redirectError(Redirect.INHERIT)
                    .start();
            prepare.getOutputStream().close();
            var said = new String(prepare.getInputStream().readAllBytes(), UTF_8);
            var status = prepare.waitFor();
            return status == 0 ? parse(said) : State.unusable("infra/bench/peers/prepare failed, exit code " + status);
        } catch (IOException e) {
            return State.unusable("infra/bench/peers/prepare cannot be run: " + e.getMessage());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
            return State.unusable("infra/bench/peers/prepare was interrupted");
        }
    }

    private static State parse(String said) {
        return new State(said.lines().map(LINE::matcher).filter(line -> line.matches())
                .collect(toMap(line -> line.group(1), line -> Optional.ofNullable(line.group(2)))), Optional.empty());
    }

    /** Like {@link #missing(String)}, from the output of {@code prepare}; for tests. */
    static Optional<String> missing(String peer, String said) {
        return missing(peer, parse(said));
    }
}
