package io.rejoin.tools.sizing;

import java.util.ArrayList;
import java.util.List;

/**
 * The size that an installation needs, for a demand.
 *
 * @param rows     the numbers
 * @param warnings values beyond the measurements, and bounds of Rejoin; a sentence or two each
 */
public record Sizing(List<Row> rows, List<String> warnings) {
    public Sizing {
        rows = List.copyOf(rows);
        warnings = List.copyOf(warnings);
    }

    public static Sizing of(Demand demand, Machines machines, Costs costs) {
        var edges = Edges.of(demand, machines, costs);
        var routers = Routers.of(demand, machines, costs, edges);
        var topics = TopicSizes.of(demand, machines, costs, edges, routers);
        var stores = Stores.of(demand, machines, costs);
        var storms = Storms.of(demand, machines, costs, edges, routers, stores);
        var rows = new ArrayList<Row>();
        rows.addAll(edges.rows());
        rows.addAll(routers.rows());
        rows.addAll(topics.rows());
        rows.addAll(stores.rows());
        rows.addAll(storms.rows());
        return new Sizing(rows, Warnings.of(demand, machines, costs, edges, routers, topics, stores, storms));
    }
}
