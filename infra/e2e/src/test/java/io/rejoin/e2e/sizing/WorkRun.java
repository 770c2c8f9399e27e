package io.rejoin.e2e.sizing;

import java.io.IOException;
import java.sql.SQLException;
import java.time.Duration;
import java.util.EnumMap;

/** Measures the cost of connecting, posting, delivering, reconnecting and reading, in services that are warm. */
record WorkRun(Bench bench) {
    void run() throws InterruptedException, SQLException, IOException {
        warmUp();
        var idle = idle();
        new ConnectionCosts(bench, idle).measure();
        var micros = new EnumMap<Part, Double>(Part.class);
        var alone = new Posts(bench, idle, micros).measure();
        var listeners = new Listeners(bench, idle, alone, micros);
        var frame = listeners.measure();
        listeners.storm(frame);
        new Pages(bench, idle).measure();
        new OtherEdges(bench, idle, micros).measure(frame);
        measuredWithin();
    }

    /** Records the largest measured values; beyond them, costs are extrapolated. */
    private void measuredWithin() {
        bench.found().put("measured.posts", Bench.FAST, "/s", "most messages a second");
        bench.found().put("measured.members", bench.connections() / (double) Bench.ROOMS, "members",
                "most that got a message");
        bench.found().put("measured.bytes", Bench.LARGE, "bytes", "largest message");
        bench.found().put("measured.edges", 1 + Bench.OTHERS, "edges", "most");
        bench.found().put("measured.storm", bench.connections(), "connections", "most that came back at once");
    }

    private void warmUp() throws InterruptedException {
        try (var talk = new PostingRooms("warm", Bench.ROOMS, Bench.SMALL, Bench.RATE).open(bench.services().edge(0),
                bench.folder());
                var swarm = bench.swarm(talk.rooms())) {
            swarm.connect(Duration.ofSeconds(10), Services.PATIENCE);
            talk.post(bench.services(), Bench.LONG);
        }
        bench.awaitGone();
    }

    private Reading idle() throws InterruptedException {
        var before = bench.services().reading();
        Thread.sleep(Bench.LONG);
        var idle = bench.services().reading().since(before);
        for (var part : Part.SERVICES)
            bench.found().put(part.label() + ".cpu.base", idle.microsPerSecond(part), "µs/s",
                    "CPU time of a process without work");
        bench.found().put("kafka.edges.second", idle.bytes(Bench.TOPICS.edges()) / idle.seconds(), "bytes/s",
                "rejoin.edges: beats of a router and heartbeats of an edge");
        return idle;
    }
}
