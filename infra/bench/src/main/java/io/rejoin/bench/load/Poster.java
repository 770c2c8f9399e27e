package io.rejoin.bench.load;

import java.util.List;
import org.HdrHistogram.Histogram;

/** Sends each post when it is due, or at once where that has passed. A thread that does nothing else: it may not come late. */
final class Poster {
    private final Schedule schedule;
    private final List<List<Member>> rooms;
    private final Histogram late = Tally.histogram();
    private int sent;

    Poster(Schedule schedule, List<List<Member>> rooms) {
        this.schedule = schedule;
        this.rooms = rooms;
    }

    /** Returns when the window is over; does {@code event} when it begins. */
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

    /** How many connections took theirs. */
    int sent() {
        return sent;
    }

    /** In microseconds. */
    Histogram late() {
        return late;
    }
}
