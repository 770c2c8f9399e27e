package io.rejoin.e2e.pictures;

import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;

/** A unit of Grafana and its number format: three significant digits, in the largest scale that fits. */
record Unit(String id, List<Scale> scales) {
    private static final List<Unit> ALL = List.of(
            new Unit("short", Scale.ladder(1e3, "", " K", " Mil", " Bil", " Tri")),
            new Unit("ops", Scale.ladder(1e3, " ops/s", "K ops/s", "M ops/s", "B ops/s")),
            new Unit("reqps", Scale.ladder(1e3, " req/s", "K req/s", "M req/s", "B req/s")),
            new Unit("mps", Scale.ladder(1e3, " msg/s", "K msg/s", "M msg/s", "B msg/s")),
            new Unit("eps", Scale.ladder(1e3, " evt/s", "K evt/s", "M evt/s", "B evt/s")),
            new Unit("recps", Scale.ladder(1e3, " rec/s", "K rec/s", "M rec/s", "B rec/s")),
            new Unit("bytes", Scale.ladder(1024, " B", " KiB", " MiB", " GiB", " TiB")),
            new Unit("Bps", Scale.ladder(1e3, " B/s", " kB/s", " MB/s", " GB/s", " TB/s")),
            new Unit("percentunit", List.of(new Scale(0.01, "%"))),
            new Unit("s", List.of(new Scale(1e-6, " µs"), new Scale(1e-3, " ms"), new Scale(1, " s"),
                    new Scale(60, " mins"), new Scale(3600, " hours"), new Scale(86400, " days"),
                    new Scale(604800, " weeks"))));

    Unit {
        scales = List.copyOf(scales);
    }

    /** The unit with that id. */
    static Unit of(String id) {
        return ALL.stream().filter(unit -> unit.id.equals(id)).findFirst()
                .orElseThrow(() -> new IllegalArgumentException("the unit " + id
                        + " cannot be drawn: add it to io.rejoin.e2e.pictures.Unit, or take one of "
                        + ALL.stream().map(Unit::id).toList()));
    }

    /** Whether axis ticks are at powers of two. */
    boolean isBinary() {
        return id.equals("bytes");
    }

    String format(double value, OptionalInt decimals) {
        var scale = scale(Math.abs(value));
        var scaled = Math.round(value / scale.size() * 1e9) / 1e9; // without the error of binary fractions
        return String.format(Locale.ROOT, "%." + decimals.orElse(decimals(scaled)) + "f", scaled) + scale.suffix();
    }

    private Scale scale(double value) {
        if (value == 0) return scales.stream().filter(scale -> scale.size() == 1).findFirst().orElse(scales.getFirst());
        return scales.reversed().stream().filter(scale -> value >= scale.size()).findFirst()
                .orElse(scales.getFirst());
    }

    private static int decimals(double value) {
        if (value == Math.rint(value)) return 0;
        return Math.max(0, 2 - (int) Math.floor(Math.log10(Math.abs(value))));
    }

    /** A scale: values from {@code size} on are written in multiples of it, with the suffix. */
    record Scale(double size, String suffix) {
        static List<Scale> ladder(double step, String... suffixes) {
            var scales = new Scale[suffixes.length];
            for (var i = 0; i < suffixes.length; i++) scales[i] = new Scale(Math.pow(step, i), suffixes[i]);
            return List.of(scales);
        }
    }
}
