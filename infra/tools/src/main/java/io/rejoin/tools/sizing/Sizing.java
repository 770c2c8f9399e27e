package io.rejoin.tools.sizing;

import java.util.ArrayList;
import java.util.List;

/**
 * How large an installation has to be.
 *
 * @param rows     the numbers
 * @param warnings what leaves that which was measured, or meets a bound of Rejoin; a sentence or two each
 */
public record Sizing(List<Row> rows, List<String> warnings) {
    public Sizing {
        rows = List.copyOf(rows);
        warnings = List.copyOf(warnings);
    }

    public static Sizing of(Demand demand, Machines machines, Costs costs) {
        var edges = Edges.of(demand, machines, costs);
        var routers = Routers.of(demand, machines, costs, edges);
        var topics = Topics.of(demand, machines, costs, edges, routers);
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
