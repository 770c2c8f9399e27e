package io.rejoin.e2e.pictures;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.Rectangle;

/** Where a panel stands, in Grafana's grid of 24 columns; a unit of height is 30 pixels, and 8 are between any two panels. */
record Grid(int x, int y, int width, int height) {
    static final int COLUMNS = 24;
    static final int GAP = 8;
    private static final int UNIT = 30;

    static Grid of(JsonNode json) {
        return new Grid(json.path("x").asInt(), json.path("y").asInt(), json.path("w").asInt(), json.path("h").asInt());
    }

    /** In a picture so wide, below a heading so high. */
    Rectangle pixels(int pictureWidth, int heading) {
        var column = (pictureWidth - GAP) / (double) COLUMNS;
        var left = (int) Math.round(GAP + x * column);
        var right = (int) Math.round((x + width) * column);
        return new Rectangle(left, heading + y * (UNIT + GAP), right - left, height * (UNIT + GAP) - GAP);
    }
}
