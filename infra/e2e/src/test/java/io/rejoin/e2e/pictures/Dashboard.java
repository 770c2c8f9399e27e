package io.rejoin.e2e.pictures;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.StreamSupport;

/**
 * A dashboard, read from its JSON.
 *
 * @param name of its file, without the extension
 */
public record Dashboard(String name, String title, List<Panel> panels) {
    private static final ObjectMapper JSON = new ObjectMapper();

    public Dashboard {
        panels = List.copyOf(panels);
    }

    /** Reads all dashboards of a folder, sorted by name. */
    public static List<Dashboard> in(Path folder) throws IOException {
        var all = new ArrayList<Dashboard>();
        try (var files = Files.newDirectoryStream(folder, "*.json")) {
            for (var file : files) all.add(of(file.getFileName().toString(), JSON.readTree(file.toFile())));
        }
        all.sort(Comparator.comparing(Dashboard::name));
        return all;
    }

    private static Dashboard of(String file, JsonNode json) {
        return new Dashboard(file.replaceFirst("\\.json$", ""), json.path("title").asText(),
                StreamSupport.stream(json.path("panels").spliterator(), false).map(Panel::of).toList());
    }

    /** The expressions of its panels, in order. */
    public List<Asked> asked(String rateInterval) {
        return panels.stream().flatMap(panel -> panel.queries().stream()
                .map(query -> new Asked(panel.title(), query.expression(rateInterval)))).toList();
    }

    /** One expression of a panel. */
    public record Asked(String panel, String expression) {}
}
