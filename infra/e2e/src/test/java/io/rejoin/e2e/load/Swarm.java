package io.rejoin.e2e.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Thousands of clients in one process. They follow rooms, lose their connections all at once, and reconnect as
 * documented. Each client checks by itself, in constant memory, that every seq arrives once. Call {@link #mark} before
 * the connections are cut by other means than {@link #dropAll}.
 */
public final class Swarm implements AutoCloseable {
    private static final int SPARE_DESCRIPTORS = 500;

    private final List<SwarmMember> members;
    private final Random random;
    final Backoff backoff;
    final List<URI> edges;
    final AtomicLong missed = new AtomicLong();
    final AtomicLong duplicated = new AtomicLong();
    final AtomicLong delivered = new AtomicLong();
    private final Map<String, AtomicInteger> oddities = new ConcurrentHashMap<>();
    private final AtomicLongArray back;
    private final AtomicInteger resumed = new AtomicInteger();
    private volatile long marked = Long.MAX_VALUE;

    /**
     * The result of a swarm since the mark.
     *
     * @param cut        members that lost a connection
     * @param resumed    of these, members that are back and have all missed messages
     * @param p50        time from the mark until half of them were back
     * @param last       time from the mark until the last one was back
     * @param missed     messages that never arrived, of all members together
     * @param duplicated messages that arrived again
     * @param delivered  messages that arrived
     * @param oddities   counts of error frames, refused upgrades, failed connects and close codes, since the beginning
     */
    public record Result(int cut, int resumed, Duration p50, Duration p90, Duration p99, Duration last, long missed,
            long duplicated, long delivered, Map<String, Integer> oddities) {
        public Result {
            oddities = new TreeMap<>(oddities);
        }

        @Override
        public String toString() {
            return "%,d disconnected, %,d came back: 50 %% within %.1f s, 90 %% %.1f s, 99 %% %.1f s, all %.1f s;"
                    .formatted(cut, resumed, seconds(p50), seconds(p90), seconds(p99), seconds(last))
                    + " %,d messages delivered, %,d missed, %,d doubled; ".formatted(delivered, missed, duplicated)
                    + (oddities.isEmpty() ? "no error, no refusal, no close" : oddities);
        }

        private static double seconds(Duration duration) {
            return duration.toMillis() / 1e3;
        }
    }

    /**
     * Creates a swarm without connecting it.
     *
     * @param size  number of clients
     * @param rooms names; the members are distributed evenly over the rooms
     * @param edges {@code ws://host:port} each
     * @throws IllegalStateException when this process may not open so many sockets
     */
    public Swarm(int size, List<String> rooms, List<URI> edges, Backoff backoff, long seed) {
        this("swarm", size, rooms, edges, backoff, seed);
    }

    /** Creates a swarm whose users have another name, so that it can run beside another swarm. */
    public Swarm(String name, int size, List<String> rooms, List<URI> edges, Backoff backoff, long seed) {
        checkDescriptors(size);
        this.random = new Random(seed);
        this.backoff = backoff;
        this.edges = List.copyOf(edges);
        this.back = new AtomicLongArray(size);
        this.members = IntStream.range(0, size)
                .mapToObj(i -> new SwarmMember(this, name + "-" + i, rooms.get(i % rooms.size()), random.nextLong()))
                .toList();
    }

    /** Connects all members, spread over that time; returns once all are live. */
    public void connect(Duration spread, Duration atMost) {
        members.forEach(member -> member.start(Duration.ofNanos(random.nextLong(spread.toNanos() + 1))));
        await("receive live messages", atMost, SwarmMember::isLive);
    }

    /** Starts the clock of a storm: connections lost from now on count. */
    public void mark() {
        resumed.set(0);
        members.forEach(SwarmMember::mark);
        marked = System.nanoTime();
    }

    /** Cuts all connections at once, without a close frame. */
    public void dropAll() {
        mark();
        members.forEach(SwarmMember::drop);
    }

    /** Returns once at least {@code cut} members have lost a connection, and all members are live again. */
    public void awaitBack(int cut, Duration atMost) {
        await("have lost a connection", atMost, cut, SwarmMember::wasCut);
        await("receive live messages again", atMost, SwarmMember::isLive);
    }

    /** Returns once all members of the room have reached that seq. */
    public void awaitSeq(String room, long seq, Duration atMost) {
        await("have seq " + seq + " of " + room, atMost,
                member -> !member.room().equals(room) || member.position() >= seq);
    }

    public Result result() {
        var times = IntStream.range(0, Math.min(back.length(), resumed.get())).mapToLong(back::get).sorted().toArray();
        var counts = new TreeMap<String, Integer>();
        oddities.forEach((what, count) -> counts.put(what, count.get()));
        return new Result((int) members.stream().filter(SwarmMember::wasCut).count(), resumed.get(),
                percentile(times, 50), percentile(times, 90), percentile(times, 99), percentile(times, 100),
                missed.get(), duplicated.get(), delivered.get(), counts);
    }

    @Override
    public void close() {
        members.forEach(SwarmMember::end);
    }

    void odd(String what) {
        oddities.computeIfAbsent(what, _ -> new AtomicInteger()).incrementAndGet();
    }

    /** A member that lost its connection has all messages again. */
    void isBack() {
        var took = System.nanoTime() - marked;
        var index = resumed.getAndIncrement();
        if (index < back.length()) back.set(index, took);
    }

    private void await(String what, Duration atMost, Predicate<SwarmMember> condition) {
        await(what, atMost, members.size(), condition);
    }

    private void await(String what, Duration atMost, int most, Predicate<SwarmMember> condition) {
        try {
            Awaitility.await().atMost(atMost).pollInterval(Duration.ofMillis(50))
                    .until(() -> members.stream().filter(condition).count() >= most);
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(members.stream().filter(condition).count() + " of " + most + " members " + what
                    + " after " + atMost + "; so far: " + result(), e);
        }
    }

    private static Duration percentile(long[] sorted, int percent) {
        if (sorted.length == 0) return Duration.ZERO;
        var index = (int) Math.ceil(sorted.length * percent / 100.0) - 1;
        return Duration.ofNanos(sorted[Math.max(0, index)]);
    }

    private static void checkDescriptors(int size) {
        var limits = Path.of("/proc/self/limits");
        if (!Files.isReadable(limits)) return; // not Linux: a failed connect will show the limit
        try (var lines = Files.lines(limits)) {
            var limit = lines.filter(line -> line.startsWith("Max open files"))
                    .map(line -> line.split("\\s+", -1)[3]).findFirst().orElse("unlimited");
            if (limit.equals("unlimited") || Long.parseLong(limit) >= size + SPARE_DESCRIPTORS) return;
            throw new IllegalStateException(size + " connections need as many open files and " + SPARE_DESCRIPTORS
                    + " more, but the limit of this process is " + limit + ". An edge needs one per connection. Run"
                    + " 'ulimit -n " + (size + 2 * SPARE_DESCRIPTORS)
                    + "' first, as root if necessary, or use fewer connections");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
