package io.rejoin.e2e.pictures;

import java.awt.Color;
import java.awt.Font;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.IntStream;

/** Colours and fonts of Grafana's dark theme, as far as needed. */
final class Look {
    static final Color PAGE = new Color(0x111217);
    static final Color PANEL = new Color(0x181b1f);
    static final Color BORDER = new Color(0x2c3035);
    static final Color GRID = new Color(0x2a2d33);
    static final Color TEXT = new Color(0xccccdc);
    static final Color FAINT = new Color(0x8e8e9a);
    static final Font SMALL = new Font(Font.SANS_SERIF, Font.PLAIN, 12);
    static final Font TITLE = new Font(Font.SANS_SERIF, Font.BOLD, 13);
    static final Font HEADING = new Font(Font.SANS_SERIF, Font.BOLD, 18);
    static final Font NUMBER = new Font(Font.SANS_SERIF, Font.BOLD, 38);
    private static final Map<String, Color> NAMED = Map.of("green", new Color(0x73bf69), "yellow", new Color(0xfade2a),
            "blue", new Color(0x5794f2), "orange", new Color(0xff9830), "red", new Color(0xf2495c), "purple",
            new Color(0xb877d9), "text", TEXT);
    /** The first 24 colours of Grafana's palette "classic". */
    private static final List<Color> PALETTE = IntStream.of(0x73bf69, 0xf2cc0c, 0x5794f2, 0xff9830, 0xf2495c, 0xb877d9,
            0x37872d, 0xe0b400, 0x1f60c4, 0xfa6400, 0xc4162a, 0x8f3bb8, 0xc8f2c2, 0xfff899, 0xc0d8ff, 0xffcb7d,
            0xffa6b0,
            0xdeb6f2, 0x447ebc, 0xc15c17, 0x890f02, 0x0a437c, 0x6d1f62, 0x584477).mapToObj(Color::new).toList();

    private Look() {}

    /** The colour of the line with that index in its panel: the panel's own colour, or else the palette's. */
    static Color ofLine(Panel panel, int index, String name) {
        var fixed = panel.colors().get(name);
        return fixed == null ? PALETTE.get(index % PALETTE.size()) : named(fixed);
    }

    /** The colour with that name in a panel. */
    static Color named(String name) {
        var color = NAMED.get(name);
        if (color == null)
            throw new IllegalArgumentException("the colour " + name
                    + " cannot be drawn: add it to io.rejoin.e2e.pictures.Look, or take one of "
                    + new TreeSet<>(NAMED.keySet()));
        return color;
    }
}
