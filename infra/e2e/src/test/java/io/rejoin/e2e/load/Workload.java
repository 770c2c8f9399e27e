package io.rejoin.e2e.load;

import io.rejoin.e2e.check.Recorder;
import java.net.URI;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionTimeoutException;

/**
 * Rooms with members that post, whatever happens to the services. Each message is offered at its scheduled time,
 * whether or not earlier ones were answered. Call {@link #settle}, then make the final reads, then close. For the
 * checker, a closed member has received all that it will ever receive.
 */
public final class Workload implements AutoCloseable {
    private final Plan plan;
    private final Map<String, List<Member>> rooms = new LinkedHashMap<>();
    private final Heads heads = new Heads();
    private final List<Member> members;
    private final AtomicLong skipped = new AtomicLong();
    private final Thread pacer;

    /** @param edges {@code ws://host:port} each; these edges must accept any name */
    public Workload(Plan plan, List<URI> edges, Recorder recorder) {
        this(plan, edges, Credentials.NAMES, recorder);
    }

    /** Creates a workload whose clients have credentials. */
    public Workload(Plan plan, List<URI> edges, Credentials credentials, Recorder recorder) {
        this.plan = plan;
        for (var r = 0; r < plan.rooms(); r++) {
            var room = plan.room(r);
            var index = r;
            rooms.put(room,
                    IntStream.range(0, plan.members())
                            .mapToObj(m -> new Member(plan.user(index, m), room, plan, edges, credentials, recorder,
                                    heads))
                            .toList());
        }
        this.members = rooms.values().stream().flatMap(List::stream).toList();
        this.pacer = Thread.ofVirtual().name("pacer").unstarted(this::pace);
    }

    public Set<String> rooms() {
        return rooms.keySet();
    }

    /** The names of a room's users. */
    public Set<String> users(String room) {
        return rooms.getOrDefault(room, List.of()).stream().map(Member::user).collect(Collectors.toSet());
    }

    /** Connects all members. */
    public void connect() {
        members.forEach(Member::start);
    }

    /** Returns once all members are live. */
    public void awaitLive(Duration atMost) {
        await("receive live messages", atMost, Member::isLive);
    }

    /** Starts posting. */
    public void startPosting() {
        pacer.start();
    }

    /** Stops new posts; posts without an ack are still sent again. */
    public void stopPosting() throws InterruptedException {
        pacer.interrupt();
        pacer.join();
    }

    /**
     * Stops posting, and returns once every post was answered and every member has the last message of its room. From
     * then on no member drops a connection, because a final read during a leave would show that user as a ghost.
     *
     * @throws AssertionError when that takes too long; the message names the members that are behind. The caller may
     *                        still make the final reads: the checker then finds the cause
     */
    public void settle(Duration atMost) throws InterruptedException {
        members.forEach(Member::stay);
        stopPosting();
        await("have all messages and answers", atMost, Member::isSettled);
    }

    /** The number of acks so far, of all members together. */
    public long acknowledged() {
        return members.stream().mapToLong(Member::acknowledged).sum();
    }

    /** The highest seq that any member has seen in the room's last epoch. */
    public long head(String room) {
        return heads.of(room).seq();
    }

    /** The number of messages that were due but not offered, because a member's outbox was full. */
    public long skipped() {
        return skipped.get();
    }

    /** Ends all members. */
    @Override
    public void close() {
        try {
            stopPosting();
            for (var member : members) member.end();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void await(String what, Duration atMost, Predicate<Member> condition) {
        try {
            Awaitility.await().atMost(atMost).pollInterval(Duration.ofMillis(50))
                    .until(() -> members.stream().allMatch(condition));
        } catch (ConditionTimeoutException e) {
            var behind = members.stream().filter(condition.negate()).map(Member::describe).toList();
            throw new AssertionError(behind.size() + " of " + members.size() + " members do not " + what + " after "
                    + atMost + ", the first: " + behind.subList(0, Math.min(10, behind.size())), e);
        }
    }

    private void pace() {
        var random = new Random(plan.seed());
        var interval = 1e9 / plan.rate();
        var begin = System.nanoTime();
        try {
            for (var n = 0L; !Thread.currentThread().isInterrupted(); n++) {
                var ahead = (long) (n * interval) - (System.nanoTime() - begin);
                if (ahead > 0) Thread.sleep(Duration.ofNanos(ahead));
                if (!members.get(random.nextInt(members.size())).post()) skipped.incrementAndGet();
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
