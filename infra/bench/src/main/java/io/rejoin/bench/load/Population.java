package io.rejoin.bench.load;

import static io.rejoin.bench.load.Role.Part.EARLY;
import static io.rejoin.bench.load.Role.Part.LATE;
import static io.rejoin.bench.load.Role.Part.STALLED;

import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentSkipListMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * All members of a run, and the operations on them: connect, post, and wait until all messages have arrived. Not
 * thread-safe.
 */
final class Population implements AutoCloseable {
    private static final Duration OPENING = Duration.ofMinutes(3);
    private static final Duration SETTLING = Duration.ofSeconds(30);
    private static final Duration LOOK = Duration.ofMillis(50);

    private final GeneratorCommand.Open order;
    private final List<Loop> loops = new ArrayList<>();
    /** The members of each room. Those that read come before the stalled ones. */
    private final List<List<Member>> rooms = new ArrayList<>();
    private final List<Runnable> connects = new ArrayList<>();
    private final List<Runnable> arrivals = new ArrayList<>();
    private final AtomicInteger joined = new AtomicInteger();
    private final AtomicInteger lost = new AtomicInteger();
    private final ConcurrentSkipListMap<String, Integer> reasons = new ConcurrentSkipListMap<>();
    private int count;
    private int base;

    private Population(GeneratorCommand.Open order, Runnable failed) throws IOException {
        this.order = order;
        for (var n = 0; n < order.threads(); n++) loops.add(new Loop(n, failed));
        for (var room = 0; room < order.rooms(); room++) rooms.add(members(room));
    }

    private List<Member> members(int room) {
        var members = new ArrayList<Member>();
        var late = order.members() + order.late();
        for (var n = 0; n < late + order.stalled(); n++)
            members.add(member(room, n, n < order.members() ? EARLY : n < late ? LATE : STALLED));
        return members;
    }

    private Member member(int room, int index, Role.Part part) {
        var id = count++;
        var loop = loops.get(id % loops.size());
        var address = order.addresses().get(id % order.addresses().size()).socket();
        var seat = new ConnectionIdentity(order.prefix() + "-" + room, order.prefix() + "-user-" + id, null);
        var member = new Member(loop, Dialects.named(order.dialect()), address,
                new Role(room, index, part, order.resumes()), seat, watcher());
        loop.add(member);
        if (part == LATE) arrivals.add(() -> loop.execute(member::arrive));
        else
            connects.add(() -> loop.execute(() -> loop.connect(member)));
        return member;
    }

    /**
     * Connects all members, at the order's rate, and returns once all have joined.
     *
     * @param failed is called when the generator itself fails
     * @throws IllegalStateException when a member could not join, or not in time
     */
    static Population open(GeneratorCommand.Open order, Runnable failed) throws IOException {
        var population = new Population(order, failed);
        try {
            population.connect();
            return population;
        } catch (RuntimeException e) {
            population.close();
            throw e;
        }
    }

    private Member.Watcher watcher() {
        return new Member.Watcher() {
            @Override
            public void joined() {
                joined.incrementAndGet();
            }

            @Override
            public void lost(String why) {
                lost.incrementAndGet();
                reasons.merge(why, 1, Integer::sum);
            }
        };
    }

    private void connect() {
        var start = System.nanoTime();
        pace(connects, order.perSecond());
        while (joined.get() < connects.size() && lost.get() == 0 && isBefore(start, OPENING)) park(LOOK);
        if (joined.get() < connects.size() || lost.get() > 0)
            throw new IllegalStateException(joined.get() + " of " + connects.size() + " members have joined"
                    + (reasons.isEmpty()
                            ? "; the others have waited for " + OPENING.toSeconds() + " s"
                            : "; reasons of failed connections, with counts: " + reasons));
    }

    private static boolean isBefore(long start, Duration bound) {
        return System.nanoTime() - start < bound.toNanos();
    }

    /** Posts, first to warm up, then measured. Then waits until all messages have arrived, or until no more arrive. */
    Outcome load(GeneratorCommand.Load what, Progress progress) {
        var warmUp = (int) Math.round(what.rate() * what.warmUpSeconds());
        var window = (int) Math.round(what.rate() * what.windowSeconds());
        var start = System.nanoTime() + Duration.ofMillis(50).toNanos();
        var schedule = new Schedule(start, what.rate(), warmUp, window, order.rooms(), what.posters(), base);
        base += schedule.postsOfRoom();
        var load = new RunningLoad(schedule);
        loops.forEach(loop -> loop.begin(load));
        var poster = new Poster(schedule, rooms);
        poster.run(progress, () -> begin(what.event(), what.arrivals()));
        settle(poster.sent(), Duration.ofMillis((long) (1e3 * what.quietSeconds())));
        return outcome(schedule, poster);
    }

    private void begin(LoadEvent event, double perSecond) {
        switch (event) {
            case NONE -> {
                // nothing besides posts
            }
            case CUT -> loops.forEach(Loop::cut);
            case ARRIVAL -> Thread.ofVirtual().start(() -> pace(arrivals, perSecond));
        }
    }

    private static void pace(List<Runnable> steps, double perSecond) {
        var start = System.nanoTime();
        for (var n = 0; n < steps.size(); n++) {
            parkUntil(start + (long) (n * 1e9 / perSecond));
            steps.get(n).run();
        }
    }

    /**
     * Returns when all acks and messages have arrived, when none arrived for {@code quiet}, or after {@link #SETTLING}.
     */
    private void settle(long sent, Duration quiet) {
        var began = System.nanoTime();
        var last = began;
        var came = -1L;
        while (isBefore(began, SETTLING) && isBefore(last, quiet)) {
            var tally = tally();
            if (tally.acknowledged == sent && tally.received == sent * order.members()) return;
            if (tally.acknowledged + tally.received != came) last = System.nanoTime();
            came = tally.acknowledged + tally.received;
            park(LOOK);
        }
    }

    private Outcome outcome(Schedule schedule, Poster poster) {
        var tally = tally();
        var missing = loops.stream().mapToLong(Loop::missing).sum();
        return new Outcome(schedule.window(), tally.deliveries.getTotalCount(),
                (schedule.windowEnd() - schedule.windowStart()) / 1e9, schedule.posts() - poster.sent(),
                poster.sent() - tally.acknowledged, missing, tally.doubled, tally.outOfOrder, tally.foreign,
                Outcome.Latency.of(tally.acks), Outcome.Latency.of(tally.deliveries),
                new Outcome.Returns(tally.returns.getTotalCount(), Outcome.Latency.of(tally.returns)),
                Outcome.Latency.of(poster.late()).p99(), new TreeMap<>(tally.oddities));
    }

    private Tally tally() {
        var all = new Tally();
        for (var loop : loops) {
            loop.ask(() -> {
                all.add(loop.tally());
                return true;
            });
        }
        return all;
    }

    /** Returns at that time of {@link System#nanoTime}, about 60 µs late. */
    static void parkUntil(long time) {
        for (var left = time - System.nanoTime(); left > 0; left = time - System.nanoTime())
            LockSupport.parkNanos(left);
    }

    private static void park(Duration duration) {
        parkUntil(System.nanoTime() + duration.toNanos());
    }

    @Override
    public void close() {
        loops.forEach(Loop::close);
    }
}
