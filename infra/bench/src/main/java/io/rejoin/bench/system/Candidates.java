package io.rejoin.bench.system;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** All systems that can be asked for, in the order of the tables. */
public final class Candidates {
    public static final List<Candidate> ALL = all();

    private Candidates() {}

    private static List<Candidate> all() {
        var all = new ArrayList<Candidate>(List.of(new Rejoin("rejoin", 2, 1), new Rejoin("rejoin-1-edge", 1, 1),
                new Rejoin("rejoin-4-edges", 4, 1), new Rejoin("rejoin-2-routers", 2, 2)));
        all.addAll(Peer.ALL);
        return List.copyOf(all);
    }

    /**
     * The one of that name.
     *
     * @throws IllegalArgumentException when there is none; the message names those that are
     */
    public static Candidate named(String name) {
        return ALL.stream().filter(candidate -> candidate.name().equals(name)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("no system is called " + name + "; there are "
                        + ALL.stream().map(Candidate::name).collect(Collectors.joining(", "))));
    }
}
