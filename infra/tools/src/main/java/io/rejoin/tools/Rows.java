package io.rejoin.tools;

import com.fasterxml.jackson.core.JsonProcessingException;
import io.rejoin.contracts.Json;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Prints the results of a command: in columns for people, or as one JSON object in each line for programs. Values are
 * strings, numbers, booleans, or null for unknown.
 */
final class Rows {
    private final PrintWriter out;
    private final boolean json;
    private final List<String> columns;
    private final List<List<String>> rows = new ArrayList<>();

    Rows(PrintWriter out, boolean json, String... columns) {
        this.out = out;
        this.json = json;
        this.columns = List.of(columns);
        rows.add(this.columns);
    }

    /** Adds a row, with one value for each column. */
    void add(@Nullable Object... values) {
        if (values.length != columns.size()) throw new IllegalArgumentException("a row needs a value for each column");
        if (json) out.println(object(values));
        else {
            var shown = new ArrayList<String>();
            for (var value : values) shown.add(value == null ? "-" : TerminalText.line(value.toString()));
            rows.add(shown);
        }
    }

    private String object(@Nullable Object... values) {
        var object = new LinkedHashMap<String, @Nullable Object>();
        for (var i = 0; i < values.length; i++) object.put(columns.get(i), values[i]);
        try {
            return Json.MAPPER.writeValueAsString(object);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("cannot write a row as JSON", e);
        }
    }

    /** Prints the columns. To be called after the last row, because each column is as wide as its widest value. */
    void end() {
        if (json) return;
        for (var row : rows) {
            var line = new StringBuilder();
            for (var i = 0; i < row.size(); i++) line.append(padded(row.get(i), i)).append("  ");
            out.println(line.toString().stripTrailing());
        }
    }

    private String padded(String value, int column) {
        var width = rows.stream().mapToInt(row -> row.get(column).length()).max().orElse(0);
        return value + " ".repeat(width - value.length());
    }
}
