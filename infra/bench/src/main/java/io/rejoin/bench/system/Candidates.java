package io.rejoin.bench.system;

import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** All systems that can be measured, in the order of the tables. */
public final class Candidates {
    /** The systems that are compared by default: Rejoin in its usual size, and its peers. */
    public static final List<Candidate> USUAL = with(List.of(new Rejoin("rejoin", 2, 1)), Peer.ALL);
    /** All systems: also Rejoin with fewer servers and with more. */
    public static final List<Candidate> ALL = with(USUAL, List.of(new Rejoin("rejoin-1-edge", 1, 1),
            new Rejoin("rejoin-4-edges", 4, 1), new Rejoin("rejoin-2-routers", 2, 2)));

    private Candidates() {}

    private static List<Candidate> with(List<? extends Candidate> first, List<? extends Candidate> more) {
        return Stream.<Candidate>concat(first.stream(), more.stream()).toList();
    }

    /**
     * The system of that name.
     *
     * @throws IllegalArgumentException when there is none; the message lists the names
     */
    public static Candidate named(String name) {
        return ALL.stream().filter(candidate -> candidate.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("unknown system " + name + "; the systems are "
                        + ALL.stream().map(Candidate::name).collect(Collectors.joining(", "))));
    }
}
