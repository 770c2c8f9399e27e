package io.rejoin.e2e.sizing;

import io.rejoin.contracts.TopicNames;
import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.Swarm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * What all measurements have in common.
 *
 * @param connections of a swarm
 * @param folder      for what posters write down
 */
record Bench(Services services, int connections, Path folder, Found found) {
    static final TopicNames TOPICS = TopicNames.PLAIN;
    /** Bytes of a text. */
    static final int SMALL = 64;
    static final int LARGE = 1024;
    /** Messages a second: what two cores carry beside those who post, and a hundred who listen to each. */
    static final double RATE = 500;
    /** And beside those who post alone. */
    static final double FAST = 2_000;
    /** That a swarm is dealt out to; twice as many where nobody listens. */
    static final int ROOMS = 50;
    /** Edges beside the first. */
    static final int OTHERS = 3;
    /** How long each measurement posts or waits. */
    static final Duration LONG = Duration.ofSeconds(30);
    /** Connections that were cut off are members for the grace of five seconds more. */
    private static final Duration GRACE = Duration.ofSeconds(7);

    /** A swarm at the first edge that has not connected yet. */
    Swarm swarm(List<String> rooms) {
        return new Swarm(connections, rooms, List.of(services.edge(0)), Backoff.DOCUMENTED, 1);
    }

    /** Returns when nobody is told any more of those who were cut off. */
    void awaitGone() throws InterruptedException {
        Thread.sleep(GRACE);
        services.awaitRead();
    }

    /** What posts take to which nobody listens but the one who posts. */
    Posted talk(String prefix, int bytes, double rate) throws InterruptedException {
        try (var talk = new Talk(prefix, 2 * ROOMS, bytes, rate).open(services.edge(0), folder)) {
            return talk(talk);
        }
    }

    /** The same with whoever listens. */
    Posted talk(Talk.Open talk) throws InterruptedException {
        services.awaitRead();
        var before = services.reading();
        var posts = talk.post(services, LONG);
        return new Posted(services.reading().since(before), posts);
    }
}
