package io.rejoin.tools.sizing;

import java.util.ArrayList;
import java.util.List;

/**
 * The load of a storm, in which many connections break and come back at once.
 *
 * @param seconds   until all are back and have their missed messages
 * @param returning connections that come back
 * @param largest   core seconds for the presence frames to the members of the largest room
 */
record Storms(Figure seconds, double returning, Figure largest, List<Row> rows) {
    private static final String PART = "storm";
    private static final double MICROS = 1e6;
    /** EDGE_PRESENCE_GRACE in seconds: a client that is back within this time does not leave its rooms. */
    private static final double GRACE = 5;

    Storms {
        rows = List.copyOf(rows);
    }

    static Storms of(Demand demand, Machines machines, Costs costs, Edges edges, Routers routers, Stores stores) {
        var storm = demand.storm();
        var returning = storm.share() * demand.connections();
        var within = Demand.seconds(storm.within());
        var late = Math.max(0, 1 - GRACE / within);
        var notices = returning * 2 * demand.roomsPerConnection() * demand.members() * late;
        var openings = returning * demand.joinsPerOpening();
        var entries = returning * 2 * demand.roomsPerConnection()
                * Edges.spread(demand.members(), edges.total().value()) * late;
        var byEdges = costs.figure("edge.cpu.resume").times(openings)
                .plus(costs.figure("edge.cpu.leave").times(openings * late))
                .plus(costs.figure("edge.cpu.frame").times(notices))
                .plus(costs.figure("edge.cpu.delivery").times(entries))
                .over(free(machines.edgeCores(), edges.total(), edges.work()));
        var byRouters = costs.figure("router.cpu.resume").times(openings)
                .plus(costs.figure("router.cpu.leave").times(openings * late))
                .plus(costs.figure("router.cpu.delivery").times(entries))
                .over(free(machines.routerCores(), routers.total(), routers.work()));
        var byHistory = costs.figure("history.cpu.resume").times(openings)
                .over(stores.instances().times(machines.routerCores() * MICROS));
        var longest = byEdges.max(byRouters).max(byHistory).max(Figure.of(within));
        var decides = longest.value() == within
                ? "the time in which clients come back"
                : longest.value() == byEdges.value()
                        ? "CPU of edges"
                        : longest.value() == byRouters.value() ? "CPU of routers" : "CPU of history";
        var missed = demand.frames() / demand.connections() * longest.value();
        var bytes = costs.figure("edge.bytes.frame").plus(Figure.of(demand.bytes())).times(missed * returning);
        var rows = new ArrayList<Row>();
        rows.add(new Row(PART, "connections that come back", Math.ceil(returning), "", Edges.share(storm.share())
                + " of all, within " + Amount.text(within, "s"), List.of()));
        rows.add(new Row(PART, "openings", returning / within, "/s", "each with "
                + Amount.plain(demand.roomsPerConnection() + (demand.personal() ? 1 : 0)) + " joins", List.of()));
        rows.add(Row.of(PART, "until all are back", longest, "s", decides + "; CPU of edges alone "
                + Amount.text(byEdges.value(), "s") + ", routers " + Amount.text(byRouters.value(), "s") + ", history "
                + Amount.text(byHistory.value(), "s")));
        rows.add(Row.of(PART, "replay", bytes, "bytes", Amount.text(missed, "messages")
                + " missed by each connection, at the usual rate"));
        rows.add(new Row(PART, "notices of presence", Math.ceil(notices), "",
                "a member who is away for more than 5 s leaves and joins; all members of the room get a notice of each",
                List.of()));
        var inLargest = 2 * storm.share() * demand.largest() * demand.largest() * late;
        var largest = costs.figure("edge.cpu.frame").times(inLargest).over(MICROS);
        rows.add(Row.of(PART, "presence of the largest room", largest, "core seconds",
                Amount.text(demand.largest(), "") + " members: " + Amount.text(Math.ceil(inLargest), "")
                        + " notices; without a storm "
                        + Amount.text(2 * demand.largest() * demand.largest() / Demand.seconds(demand.session()),
                                "a second")));
        return new Storms(longest, returning, largest, rows);
    }

    /** The CPU time that is left, in microseconds a second. In a storm nothing has to stay free. */
    private static Figure free(double cores, Figure count, Figure work) {
        var left = count.times(cores * MICROS).minus(work);
        return left.value() > 0 ? left : new Figure(1, left.assumed());
    }
}
