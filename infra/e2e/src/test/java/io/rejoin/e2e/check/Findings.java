package io.rejoin.e2e.check;

import io.rejoin.e2e.check.Violation.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/** Collects violations: counts all, and keeps the first of each kind. */
final class Findings {
    private static final int KEPT = 20;

    private record Found(Kind kind, String what, List<Long> lines) {}

    private final Map<Kind, Long> totals = new EnumMap<>(Kind.class);
    private final List<Found> found = new ArrayList<>();

    /** @param lines numbers of the lines that prove it; numbers below 1 are ignored */
    void add(Kind kind, String what, long... lines) {
        if (totals.merge(kind, 1L, Long::sum) > KEPT) return;
        found.add(new Found(kind, what, Arrays.stream(lines).filter(line -> line > 0).boxed().toList()));
    }

    Map<Kind, Long> totals() {
        return totals;
    }

    /** The kept violations with their proof. */
    List<Violation> violations(Recordings histories) throws IOException {
        var wanted = new HashSet<Long>();
        found.forEach(each -> wanted.addAll(each.lines));
        var lines = histories.find(wanted);
        return found.stream().map(each -> new Violation(each.kind, each.what + where(each, histories),
                each.lines.stream().map(lines::get).filter(Objects::nonNull).toList())).toList();
    }

    private static String where(Found each, Recordings histories) {
        return each.lines.isEmpty() ? "" : " " + each.lines.stream().map(histories::name).toList();
    }
}
