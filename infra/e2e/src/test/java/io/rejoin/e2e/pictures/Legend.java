package io.rejoin.e2e.pictures;

import java.util.ArrayList;
import java.util.List;
import java.util.function.ToIntFunction;

/**
 * The names below a panel: side by side while they fit, in as many rows as there is space for. Grafana scrolls to the
 * other names.
 *
 * @param left number of names without a place
 */
record Legend(List<Place> places, int height, int left) {
    static final int ROW = 20;
    private static final int MARK = 18;
    private static final int SPACE = 12;
    /** Maximum part of a panel's height. */
    private static final double MAX = 0.35;

    /** The place of the name of line {@code index}; its coloured mark is to the left. */
    record Place(int index, int x, int row) {
        int mark() {
            return x - MARK;
        }
    }

    Legend {
        places = List.copyOf(places);
    }

    /** @param width computes the width of a name in pixels */
    static Legend of(List<String> names, ToIntFunction<String> width, int panelWidth, int panelHeight) {
        var rows = Math.max(1, (int) (panelHeight * MAX) / ROW);
        var places = new ArrayList<Place>();
        var x = 0;
        var row = 0;
        for (var i = 0; i < names.size(); i++) {
            var needed = MARK + width.applyAsInt(names.get(i)) + SPACE;
            if (x > 0 && x + needed > panelWidth) {
                x = 0;
                row++;
            }
            if (row == rows) return new Legend(places, rows * ROW, names.size() - i);
            places.add(new Place(i, x + MARK, row));
            x += needed;
        }
        return new Legend(places, names.isEmpty() ? 0 : (row + 1) * ROW, 0);
    }

    /** The text, shortened with an ellipsis if it does not fit. */
    static String fitted(String text, ToIntFunction<String> width, int room) {
        if (width.applyAsInt(text) <= room) return text;
        var length = text.length();
        while (length > 0 && width.applyAsInt(text.substring(0, length) + "…") > room) length--;
        return text.substring(0, length) + "…";
    }
}
