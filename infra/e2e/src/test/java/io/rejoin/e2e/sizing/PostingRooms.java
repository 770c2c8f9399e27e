package io.rejoin.e2e.sizing;

import io.rejoin.e2e.check.Recorder;
import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.Plan;
import io.rejoin.e2e.load.Workload;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/**
 * Rooms with one posting member each, at one edge, with one steady rate for all rooms together. Other members may also
 * be in the rooms.
 *
 * @param bytes minimum length of a text
 */
record PostingRooms(String prefix, int rooms, int bytes, double rate) {
    /** The connected posters and their recorder. */
    record Open(Workload posters, Recorder recorder) implements AutoCloseable {
        List<String> rooms() {
            return List.copyOf(posters.rooms());
        }

        /**
         * Posts for that time. Returns the number of acknowledged messages, once all are acknowledged and no reader has
         * lag.
         */
        long post(Services services, Duration time) throws InterruptedException {
            posters.startPosting();
            Thread.sleep(time);
            posters.settle(Services.PATIENCE);
            services.awaitRead();
            return posters.acknowledged();
        }

        @Override
        public void close() {
            posters.close();
            recorder.close();
        }
    }

    /** Connects all posters; returns once they have joined. */
    Open open(URI edge, Path folder) {
        var recorder = new Recorder(folder.resolve(prefix + ".jsonl"));
        var plan = new Plan(prefix, rooms, 1, rate, bytes, Duration.ofSeconds(20), Duration.ofSeconds(10),
                Duration.ZERO, Backoff.DOCUMENTED, 1);
        var posters = new Workload(plan, List.of(edge), recorder);
        posters.connect();
        posters.awaitLive(Services.PATIENCE);
        return new Open(posters, recorder);
    }
}
