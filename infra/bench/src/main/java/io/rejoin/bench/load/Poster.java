package io.rejoin.bench.load;

import java.util.List;
import org.HdrHistogram.Histogram;

/**
 * Sends each post when it is due, or at once if it is late. Its thread does nothing else, so that posts are on time.
 */
final class Poster {
    private final Schedule schedule;
    private final List<List<Member>> rooms;
    private final Histogram late = Tally.histogram();
    private int sent;

    Poster(Schedule schedule, List<List<Member>> rooms) {
        this.schedule = schedule;
        this.rooms = rooms;
    }

    /** Posts all, and returns when the window is over. Runs {@code event} when the window begins. */
    void run(Progress progress, Runnable event) {
        for (var post = 0; post < schedule.posts(); post++) {
            var due = schedule.due(post);
            Population.parkUntil(due);
            if (post == schedule.warmUp()) {
                progress.windowBegins();
                event.run();
            }
            if (rooms.get(schedule.room(post)).get(schedule.poster(post)).post(schedule.number(post))) sent++;
            if (schedule.isMeasured(post)) Tally.record(late, System.nanoTime() - due);
        }
        Population.parkUntil(schedule.windowEnd());
        progress.windowEnds();
    }

    /** Number of posts that a connection accepted. */
    int sent() {
        return sent;
    }

    /** How late posts were sent, in microseconds. */
    Histogram late() {
        return late;
    }
}
