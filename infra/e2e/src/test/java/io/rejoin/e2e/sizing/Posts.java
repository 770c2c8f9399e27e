package io.rejoin.e2e.sizing;

import java.sql.SQLException;
import java.util.List;
import java.util.Map;

/**
 * Measures posts without listeners.
 *
 * @param micros receives the CPU time of a post at a high rate, by part
 */
record Posts(Bench bench, Reading idle, Map<Part, Double> micros) {
    /**
     * Measures posts. Each post makes one ack and one frame, both to the poster. A Kafka request costs more than its
     * content, and the number of requests hardly grows with the rate. So there are two costs: one of being busy, and
     * one of each post. Their sum is no less than the measured value at both rates.
     *
     * @return the result at {@link Bench#RATE}
     */
    Posted measure() throws InterruptedException, SQLException {
        var heap = MemoryRun.heap(bench.services().routerPid());
        var start = tables();
        var small = bench.talk("small", Bench.SMALL, Bench.RATE);
        var between = tables();
        var large = bench.talk("large", Bench.LARGE, Bench.RATE);
        var end = tables();
        var fast = bench.talk("fast", Bench.SMALL, Bench.FAST);
        cpu(small, large, fast);
        topics(small, large);
        rows(between.since(start), end.since(between));
        bench.found().bytes("router.heap.post",
                (MemoryRun.heap(bench.services().routerPid()) - heap)
                        / (small.posts() + large.posts() + fast.posts()),
                "heap of a router for a message that it knows again, with an id of 12 characters");
        return small;
    }

    private void cpu(Posted small, Posted large, Posted fast) {
        for (var part : Part.SERVICES) {
            var each = fast.micros(part, idle);
            micros.put(part, each);
            if (part != Part.EDGE)
                bench.found().micros(part.label() + ".cpu.post", each,
                        "CPU time for a message of 64 bytes, of 2,000 a second");
            bench.found().put(part.label() + ".cpu.busy",
                    (small.used().microsBeyond(part, idle) - small.posts() * each) / small.used().seconds(), "µs/s",
                    "CPU time of a busy process: what 500 messages a second take beyond what they cost as part of 2,000");
            bench.found().micros(part.label() + ".cpu.byte",
                    (large.micros(part, idle) - small.micros(part, idle)) / (Bench.LARGE - Bench.SMALL),
                    "CPU time for each further byte of a message");
        }
    }

    private void topics(Posted small, Posted large) {
        for (var topic : List.of(Bench.TOPICS.commands(), Bench.TOPICS.events())) {
            var few = small.bytes(topic);
            var many = large.bytes(topic);
            var each = (many - few) / (Bench.LARGE - Bench.SMALL);
            var name = "kafka." + topic.substring("rejoin.".length());
            bench.found().bytes(name + ".byte", each, topic + ", for a byte of a message");
            bench.found().bytes(name + ".post", few - Bench.SMALL * each, topic + ", for a message beside its bytes");
        }
        bench.found().bytes("kafka.state.post", small.bytes(Bench.TOPICS.state()),
                "rejoin.state, for a message, before compaction");
    }

    private void rows(Tables few, Tables many) {
        var each = ((double) many.rows() / many.messages() - (double) few.rows() / few.messages())
                / (Bench.LARGE - Bench.SMALL);
        bench.found().bytes("postgres.byte", each, "table, for a byte of a message");
        bench.found().bytes("postgres.row", (double) few.rows() / few.messages() - Bench.SMALL * each,
                "table, for a message beside its bytes");
        bench.found().bytes("postgres.index", (double) few.index() / few.messages(), "index, for a message");
    }

    private Tables tables() throws SQLException {
        bench.services().awaitRead();
        return Tables.of(bench.services().postgres());
    }
}
