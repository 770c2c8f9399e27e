package io.rejoin.tools.sizing;

import java.util.ArrayList;
import java.util.List;

/**
 * The size of history and PostgreSQL.
 *
 * @param instances of history
 * @param disk      bytes of messages in PostgreSQL, without the free share
 * @param most      the highest rate of rows a second that was measured with one PostgreSQL
 */
record Stores(Figure instances, Figure disk, Figure most, List<Row> rows) {
    private static final double MICROS = 1e6;
    /** Database connections of an instance: HISTORY_DB_READERS, and three for writing and jobs. */
    private static final double CONNECTIONS = 8 + 3;
    private static final double AT_START = 3;

    Stores {
        rows = List.copyOf(rows);
    }

    static Stores of(Demand demand, Machines machines, Costs costs) {
        var further = Math.max(0, demand.bytes() - 64);
        var work = costs.figure("history.cpu.post").plus(costs.figure("history.cpu.byte").times(further))
                .times(demand.posts());
        var each = Edges.positive(Figure.of(machines.routerCores() * MICROS * (1 - machines.cpuFree()))
                .minus(costs.busy("history")), "--router-cores or --cpu-free");
        var needed = work.over(each).max(Figure.of(1)).up();
        var instances = needed.plus(Figure.of(1));
        var rows = new ArrayList<Row>();
        rows.add(Row.of("history", "instances", instances, "", Edges.spare("CPU", needed)
                + "; each with as many cores as a router"));
        rows.add(Row.of("history", "CPU in use each", work.over(instances).plus(costs.busy("history")).over(MICROS),
                "cores",
                "to store messages; reads in a storm come on top"));
        var row = costs.figure("postgres.row").plus(costs.figure("postgres.byte").times(demand.bytes()))
                .plus(costs.figure("postgres.index"));
        var kept = demand.kept().history();
        var disk = row.times(demand.posts() * Demand.seconds(kept));
        rows.add(new Row("postgres", "rows", demand.posts(), "/s", "a row per message, in one primary", List.of()));
        rows.add(Row.of("postgres", "disk", disk.over(1 - machines.diskFree()), "bytes",
                Amount.text(row.value(), "bytes") + " a message, kept "
                        + Amount.text(Demand.seconds(kept), "s") + ", " + Edges.share(machines.diskFree())
                        + " stay free; without write-ahead log and replicas"));
        rows.add(Row.of("postgres", "CPU in use", costs.figure("postgres.cpu.post")
                .plus(costs.figure("postgres.cpu.byte").times(further)).times(demand.posts())
                .plus(costs.busy("postgres"))
                .over(MICROS), "cores",
                "to store messages"));
        rows.add(Row.of("postgres", "connections", instances.times(CONNECTIONS).plus(Figure.of(AT_START)), "",
                "11 for each history instance, 3 more while one starts"));
        return new Stores(instances, disk, costs.figure("postgres.rows.most"), rows);
    }
}
