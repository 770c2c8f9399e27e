package io.rejoin.e2e.sizing;

import io.rejoin.contracts.TopicNames;
import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.Swarm;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Shared context of all measurements.
 *
 * @param connections of a swarm
 * @param folder      for the posters' histories
 */
record Bench(Services services, int connections, Path folder, Found found) {
    static final TopicNames TOPICS = TopicNames.PLAIN;
    /** Length of a short text in bytes. */
    static final int SMALL = 64;
    static final int LARGE = 1024;
    /** Messages a second that two cores carry, with the posters and the listeners of each room on the same machine. */
    static final double RATE = 500;
    /** Messages a second without listeners. */
    static final double FAST = 2_000;
    /** Number of rooms for a swarm; twice as many where nobody listens. */
    static final int ROOMS = 50;
    /** Number of edges besides the first. */
    static final int OTHERS = 3;
    /** How long a measurement posts or waits. */
    static final Duration LONG = Duration.ofSeconds(30);
    /** Members whose connection was cut stay in the room for 5 s more; this is longer. */
    private static final Duration GRACE = Duration.ofSeconds(7);

    /** A swarm at the first edge, not connected yet. */
    Swarm swarm(List<String> rooms) {
        return new Swarm(connections, rooms, List.of(services.edge(0)), Backoff.DOCUMENTED, 1);
    }

    /** Returns when the members whose connections were cut have left. */
    void awaitGone() throws InterruptedException {
        Thread.sleep(GRACE);
        services.awaitRead();
    }

    /** Measures posts without listeners, except each poster itself. */
    Posted talk(String prefix, int bytes, double rate) throws InterruptedException {
        try (var talk = new PostingRooms(prefix, 2 * ROOMS, bytes, rate).open(services.edge(0), folder)) {
            return talk(talk);
        }
    }

    /** Measures posts in these rooms, with the present listeners. */
    Posted talk(PostingRooms.Open talk) throws InterruptedException {
        services.awaitRead();
        var before = services.reading();
        var posts = talk.post(services, LONG);
        return new Posted(services.reading().since(before), posts);
    }
}
