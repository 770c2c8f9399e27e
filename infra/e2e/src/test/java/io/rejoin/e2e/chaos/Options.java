package io.rejoin.e2e.chaos;

import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Options of a run.
 *
 * @param seed   of the schedule of faults and of the workload
 * @param length of the time with faults
 * @param rate   messages a second
 * @param kinds  of faults
 * @param lanes  maximum number of simultaneous faults
 * @param keep   folder that keeps data, logs and histories; null: a temporary folder, which is kept only after a
 *               failure
 * @param list   only print the schedule
 */
record Options(long seed, Duration length, double rate, Set<Kind> kinds, int lanes, @Nullable Path keep, boolean list) {
    public Options {
        kinds = Set.copyOf(kinds);
        if (length.toSeconds() < 30) throw new IllegalArgumentException("--minutes must be at least 0.5");
        if (lanes < 1 || lanes > 10) throw new IllegalArgumentException("--lanes must be 1 to 10");
        if (!(rate > 0)) throw new IllegalArgumentException("--rate must be more than 0");
    }

    /**
     * Parses the command line.
     *
     * @throws IllegalArgumentException with a message for the user
     */
    static Options parse(List<String> arguments) {
        var seed = System.nanoTime() & 0xffff_ffffL;
        var minutes = 10.0;
        var rate = 100.0;
        Set<Kind> kinds = EnumSet.allOf(Kind.class);
        var lanes = 3;
        Path keep = null;
        var list = false;
        for (var rest = arguments.iterator(); rest.hasNext();) {
            var option = rest.next();
            if (option.equals("--list")) {
                list = true;
                continue;
            }
            if (!rest.hasNext()) throw new IllegalArgumentException(option + " is unknown or has no value");
            var value = rest.next();
            switch (option) {
                case "--seed" -> seed = Long.parseLong(value);
                case "--minutes" -> minutes = Double.parseDouble(value);
                case "--rate" -> rate = Double.parseDouble(value);
                case "--faults" -> kinds = kinds(value);
                case "--lanes" -> lanes = Integer.parseInt(value);
                case "--keep" -> keep = Path.of(value).toAbsolutePath();
                default -> throw new IllegalArgumentException("unknown option " + option);
            }
        }
        return new Options(seed, Duration.ofMillis((long) (minutes * 60_000)), rate, kinds, lanes, keep, list);
    }

    private static Set<Kind> kinds(String value) {
        return switch (value) {
            case "all" -> EnumSet.allOf(Kind.class);
            case "none" -> Set.of();
            case "quick" -> Kind.QUICK;
            default -> {
                var kinds = EnumSet.noneOf(Kind.class);
                for (var label : value.split(",", -1)) kinds.add(Kind.of(label));
                yield kinds;
            }
        };
    }
}
