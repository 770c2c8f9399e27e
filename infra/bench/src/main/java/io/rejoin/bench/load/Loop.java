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
 * <p>Services of Rejoin block on virtual threads; so do the clients of infra/e2e. Here that would cost too much: each read
 * would park and wake a thread, and a benchmark's clients must leave the machine to the servers. A loop reads a whole burst of
 * frames by one call into one buffer that all its connections share.
 */
final class Loop implements AutoCloseable {
    private static final int BUFFER = 1 << 18;
    /** Less than any server's queue of connections it has not accepted: 511 in Node. */
    private static final int MOST_CONNECTING = 200;
    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** Something to be done at a time of {@link System#nanoTime}. */
    private record Timed(long at, Runnable task) {}

    private final Selector selector;
    private final Runnable failed;
    private final byte[] buffer = new byte[BUFFER];
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();
    private final PriorityQueue<Timed> timed = new PriorityQueue<>(Comparator.comparingLong(Timed::at));
    private final Thread thread;
    /** Of this loop's thread, as are the members. */
    private final List<Member> members = new ArrayList<>();
    /** Members that wait for their turn to connect, and those whose turn it is. */
    private final Deque<Member> waiting = new ArrayDeque<>();
    private int connecting;
    private Tally tally = new Tally();
    private volatile boolean isClosed;

    /** @param failed is called where a loop has come to an end that is a fault */
    Loop(int number, Runnable failed) throws IOException {
        this.failed = failed;
        selector = Selector.open();
        thread = Thread.ofPlatform().daemon().name("loop-" + number).start(this::run);
    }

    Selector selector() {
        return selector;
    }

    /** Of this loop's thread. */
    Tally tally() {
        return tally;
    }

    /** For members that are this loop's; only before they connect. */
    void add(Member member) {
        members.add(member);
    }

    /** On the loop's thread: lets it connect when fewer are about to. A server that is overrun drops connections in the kernel. */
    void connect(Member member) {
        waiting.add(member);
        connectNext();
    }

    /** On the loop's thread: the server has answered one that was let connect, or has not. */
    void hasConnected() {
        connecting--;
        connectNext();
    }

    private void connectNext() {
        while (connecting < MOST_CONNECTING && !waiting.isEmpty()) {
            connecting++;
            waiting.remove().connect();
        }
    }

    /** On any other thread: who does not post loses its connection, and comes back. */
    void cut() {
        execute(() -> members.forEach(Member::fallAndReturn));
    }

    /** From any thread: does this soon. */
    void execute(Runnable task) {
        tasks.add(task);
        selector.wakeup();
    }

    /** On the loop's thread: does this when the time has come. */
    void later(Duration delay, Runnable task) {
        timed.add(new Timed(System.nanoTime() + delay.toNanos(), task));
    }

    /** From any other thread: what the loop's thread answers. */
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

    /** A load begins: all is counted anew. */
    void begin(RunningLoad load) {
        ask(() -> {
            tally = new Tally();
            members.forEach(member -> member.begin(load));
            return true;
        });
    }

    /** Acknowledged posts that members should have and have not. */
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
        } catch (IOException | RuntimeException e) { // without it there is nothing to measure
            e.printStackTrace();
            failed.run();
        }
    }

    /** Milliseconds; 0 is for ever. */
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
