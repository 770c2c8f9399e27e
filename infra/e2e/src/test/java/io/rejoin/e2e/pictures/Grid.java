package io.rejoin.e2e.pictures;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.Rectangle;

/**
 * The position of a panel in Grafana's grid of 24 columns. A unit of height is 30 pixels, with gaps of 8 pixels between
 * panels.
 */
record Grid(int x, int y, int width, int height) {
    static final int COLUMNS = 24;
    static final int GAP = 8;
    private static final int UNIT = 30;

    static Grid of(JsonNode json) {
        return new Grid(json.path("x").asInt(), json.path("y").asInt(), json.path("w").asInt(), json.path("h").asInt());
    }

    /**
     * The pixels of a panel in a picture.
     *
     * @param pictureWidth in pixels
     * @param heading      height of the heading above the panels
     */
    Rectangle pixels(int pictureWidth, int heading) {
        var column = (pictureWidth - GAP) / (double) COLUMNS;
        var left = (int) Math.round(GAP + x * column);
        var right = (int) Math.round((x + width) * column);
        return new Rectangle(left, heading + y * (UNIT + GAP), right - left, height * (UNIT + GAP) - GAP);
    }
}
