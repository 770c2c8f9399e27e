package io.rejoin.bench.load;

import java.io.IOException;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * One thread that serves thousands of members through a selector.
 *
 * <p>Rejoin's services block on virtual threads, and so do the clients of infra/e2e. Here that would cost too much:
 * each read would park and wake a thread, and a benchmark's clients must leave the CPU to the servers. A loop reads
 * many frames with one call, into one buffer that all its connections share.
 */
final class Loop implements AutoCloseable {
    private static final int BUFFER = 1 << 18;
    /** At most so many connects at a time. Less than the accept backlog of any server: Node has 511. */
    private static final int MAX_CONNECTING = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** A task that is due at a time of {@link System#nanoTime}. */
    private record Timed(long at, Runnable task) {}

    private final Selector selector;
    private final Runnable failed;
    private final byte[] buffer = new byte[BUFFER];
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timed> timed = new PriorityQueue<>(Comparator.comparingLong(Timed::at));
    private final Thread thread;
    /** Only the loop's thread accesses this list and the members in it. */
    private final List<Member> members = new ArrayList<>();
    /** Members that wait until they may connect. */
    private final Deque<Member> waiting = new ArrayDeque<>();
    private int connecting;
    private Tally tally = new Tally();
    private volatile boolean isClosed;

    /** @param failed is called when the loop ends because of an error */
    Loop(int number, Runnable failed) throws IOException {
        this.failed = failed;
        selector = Selector.open();
        thread = Thread.ofPlatform().daemon().name("loop-" + number).start(this::run);
    }

    Selector selector() {
        return selector;
    }

    /** What the members of this loop counted. Only for the loop's thread. */
    Tally tally() {
        return tally;
    }

    /** Adds a member to this loop; only before it connects. */
    void add(Member member) {
        members.add(member);
    }

    /**
     * On the loop's thread: connects the member once fewer than {@link #MAX_CONNECTING} members are connecting. With
     * too many at a time, the server's kernel drops connections.
     */
    void connect(Member member) {
        waiting.add(member);
        connectNext();
    }

    /** On the loop's thread: a member's connect or upgrade has succeeded or failed. */
    void hasConnected() {
        connecting--;
        connectNext();
    }

    private void connectNext() {
        while (connecting < MAX_CONNECTING && !waiting.isEmpty()) {
            connecting++;
            waiting.remove().connect();
        }
    }

    /** From any other thread: members that do not post lose their connections and reconnect. */
    void cut() {
        execute(() -> members.forEach(Member::fallAndReturn));
    }

    /** From any thread: runs the task soon on the loop's thread. */
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** On the loop's thread: runs the task after the delay. */
    void later(Duration delay, Runnable task) {
        timed.add(new Timed(System.nanoTime() + delay.toNanos(), task));
    }

    /** From any other thread: runs the question on the loop's thread and returns its answer. */
    <T> T ask(Callable<T> question) {
        var task = new FutureTask<>(question);
        execute(task);
        try {
            return task.get(PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("a loop of the generator does not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    /** Begins a load: resets all counters. */
    void begin(RunningLoad load) {
        ask(() -> {
            tally = new Tally();
            members.forEach(member -> member.begin(load));
            return true;
        });
    }

    /** Number of acknowledged posts that members did not receive; each member counts. */
    long missing() {
        return ask(() -> members.stream().mapToLong(Member::missing).sum());
    }

    private void run() {
        try {
            while (!isClosed) {
                selector.select(key -> ((Connection) key.attachment()).ready(buffer), untilNext());
                for (var task = tasks.poll(); task != null; task = tasks.poll()) task.run();
                while (!timed.isEmpty() && timed.peek().at() - System.nanoTime() <= 0) timed.remove().task().run();
            }
            members.forEach(Member::cut);
            selector.close();
        } catch (IOException | RuntimeException e) { // without this loop the measurement is worthless
            e.printStackTrace();
            failed.run();
        }
    }

    /** Milliseconds until the next timed task is due; 0 means no timeout. */
    private long untilNext() {
        if (timed.isEmpty()) return 0;
        return Math.max(1, TimeUnit.NANOSECONDS.toMillis(timed.peek().at() - System.nanoTime()));
    }

    /** Cuts all connections. */
    @Override
    public void close() {
        isClosed = true;
        selector.wakeup();
        try {
            thread.join(PATIENCE);
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }
}
