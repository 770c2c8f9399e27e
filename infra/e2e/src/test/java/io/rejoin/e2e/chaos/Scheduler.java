package io.rejoin.e2e.chaos;

import io.rejoin.e2e.chaos.Faults.Draft;
import io.rejoin.e2e.chaos.Schedule.Step;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/**
 * Draws a {@link Schedule} at random. The number of lanes is the maximum number of simultaneous faults. Faults come
 * from a bag, which holds each kind as often as it should occur and is refilled when needed. No fault begins in the
 * last ten seconds of a minute, so that the run shows how the system recovers. The long outages are rare and are placed
 * first.
 *
 * <p>With one lane no faults overlap and the pauses are long, so that each measurement belongs to one fault.
 */
final class Scheduler {
    private static final long FIRST = 5_000;
    private static final long MINUTE = 60_000;
    private static final long CALM = 10_000;

    private final Random random;
    private final long length;
    private final Set<Kind> kinds;
    private final int lanes;
    private final Faults faults;
    private final List<Step> steps = new ArrayList<>();
    private final List<Draft> bag = new ArrayList<>();

    private Scheduler(long seed, Duration length, Set<Kind> kinds, int lanes) {
        this.random = new Random(seed);
        this.length = length.toMillis();
        this.kinds = kinds;
        this.lanes = lanes;
        this.faults = new Faults(random);
    }

    /** Draws the schedule; empty without kinds. */
    static Schedule draw(long seed, Duration length, Set<Kind> kinds, int lanes) {
        var scheduler = new Scheduler(seed, length, kinds, lanes);
        if (!kinds.isEmpty()) {
            scheduler.placeLongOnes();
            scheduler.fill();
        }
        scheduler.steps.sort(Comparator.comparing(Step::at));
        return new Schedule(seed, length, scheduler.steps);
    }

    private void placeLongOnes() {
        for (var draft : faults.longOnes(kinds, Duration.ofMillis(length))) {
            var room = length - CALM - FIRST - draft.lasts().toMillis();
            for (var attempt = 0; attempt < 100 && room > 0; attempt++) {
                var at = FIRST + random.nextLong(room);
                if (!fits(draft, at)) continue;
                steps.add(draft.at(at));
                break;
            }
        }
    }

    private void fill() {
        var free = new Long[lanes];
        for (var lane = 0; lane < lanes; lane++) free[lane] = FIRST + random.nextLong(4_000);
        while (true) {
            var lane = Arrays.asList(free).indexOf(Collections.min(Arrays.asList(free)));
            var at = outsideOfCalm(free[lane]);
            if (at >= length - CALM) return;
            var next = next(at);
            next.ifPresent(steps::add);
            free[lane] = next.map(step -> step.end().toMillis() + pause()).orElse(at + 1_000);
        }
    }

    private long pause() {
        return lanes == 1 ? CALM + random.nextLong(2_000) : 2_000 + random.nextLong(4_000);
    }

    private static long outsideOfCalm(long at) {
        return at % MINUTE < MINUTE - CALM ? at : at - at % MINUTE + MINUTE;
    }

    /** The first fault in the bag that fits at that time; refills the bag if none does. */
    private Optional<Step> next(long at) {
        var found = firstFit(at);
        if (found.isEmpty() && bag.size() < 30) {
            bag.addAll(faults.bag(kinds));
            found = firstFit(at);
        }
        found.ifPresent(bag::remove);
        return found.map(draft -> draft.at(at));
    }

    private Optional<Draft> firstFit(long at) {
        return bag.stream().filter(draft -> fits(draft, at)).findFirst();
    }

    /** The time between two faults, because healing takes a moment. */
    private long margin() {
        return lanes == 1 ? CALM : 3_000;
    }

    private boolean fits(Draft draft, long at) {
        var end = at + draft.lasts().toMillis();
        return end <= length && steps.stream()
                .filter(step -> step.at().toMillis() < end + margin() && at < step.end().toMillis() + margin())
                .allMatch(step -> lanes > 1 && Collections.disjoint(step.fault().needs(), draft.fault().needs()));
    }
}
