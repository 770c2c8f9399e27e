package io.rejoin.edge.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class CommandQueueTest {
    private static final long LONG = TimeUnit.SECONDS.toNanos(60);

    @Test
    void itIsFirstInFirstOut() throws InterruptedException {
        var queue = new CommandQueue<String>(10, 1_000);
        queue.offer("a", 1, true);
        queue.offer("b", 1, true);

        assertThat(queue.take()).isEqualTo("a");
        assertThat(queue.poll()).isEqualTo("b");
        assertThat(queue.poll()).isNull();
        assertThat(queue.isEmpty()).isTrue();
    }

    @Test
    void entriesAreBounded() {
        var queue = new CommandQueue<Integer>(3, 1_000);

        assertThat(queue.offer(1, 1, true) && queue.offer(2, 1, true) && queue.offer(3, 1, true)).isTrue();
        assertThat(queue.offer(4, 1, true)).isFalse();
        queue.poll();
        assertThat(queue.offer(5, 1, true)).isTrue();
    }

    @Test
    void bytesAreBoundedButOneEntryAlwaysFits() {
        var queue = new CommandQueue<Integer>(100, 1_000);

        assertThat(queue.offer(1, 5_000, true)).isTrue();
        assertThat(queue.offer(2, 1, true)).isFalse();
        queue.poll();
        assertThat(queue.offer(3, 600, true)).isTrue();
        assertThat(queue.offer(4, 600, true)).isFalse();
        assertThat(queue.offer(5, 400, true)).isTrue();
    }

    @Test
    void anOfferWakesAWaitingTake() throws InterruptedException {
        var queue = new CommandQueue<String>(10, 1_000);
        var offering = Thread.ofVirtual().start(() -> queue.offer("a", 1, true));

        assertThat(queue.take()).isEqualTo("a");
        offering.join();
    }

    @Test
    void onlyAnUrgentEntryEndsASleep() throws InterruptedException {
        for (var round = 0; round < 200; round++) {
            var queue = new CommandQueue<String>(10, 1_000);
            queue.offer("a", 1, false);
            var offering = Thread.ofVirtual().start(() -> {
                queue.offer("b", 1, false);
                queue.offer("c", 1, true);
            });
            var taken = new ArrayList<String>();
            while (taken.size() < 3) {
                var next = queue.poll();
                if (next == null) queue.sleepUnlessUrgent(LONG);
                else
                    taken.add(next);
            }
            offering.join();

            assertThat(taken).containsExactly("a", "b", "c");
        }
    }

    @Test
    void closeEndsASleep() throws InterruptedException {
        var queue = new CommandQueue<String>(10, 1_000);
        var closing = Thread.ofVirtual().start(queue::close);
        queue.sleepUnlessUrgent(LONG);
        closing.join();
    }

    @Test
    void takeWaitsForAnEntryOrTheClose() throws InterruptedException {
        for (var round = 0; round < 200; round++) {
            var queue = new CommandQueue<String>(10, 1_000);
            var offering = Thread.ofVirtual().start(() -> queue.offer("a", 1, true));
            assertThat(queue.take()).isEqualTo("a");
            offering.join();

            var closing = Thread.ofVirtual().start(queue::close);
            assertThat(queue.take()).isNull();
            closing.join();
        }
    }

    @Test
    void entriesRemainAfterTheClose() throws InterruptedException {
        var queue = new CommandQueue<String>(10, 1_000);
        queue.offer("a", 1, true);
        queue.close();

        assertThat(queue.take()).isEqualTo("a");
        assertThat(queue.take()).isNull();
    }

    @Test
    void pollRemainingReturnsAllEntriesOfferedBeforeTheClose() throws InterruptedException {
        for (var round = 0; round < 200; round++) {
            var queue = new CommandQueue<Integer>(1_000, 1_000_000);
            var taken = new AtomicInteger();
            var threads = Stream.generate(() -> Thread.ofPlatform().start(() -> {
                while (queue.offer(1, 1, true)) taken.incrementAndGet();
            })).limit(4).toList();
            while (taken.get() == 0) Thread.onSpinWait();
            queue.close();
            queue.close();
            var remaining = 0;
            while (queue.pollRemaining() != null) remaining++;
            for (var thread : threads) thread.join();

            assertThat(remaining).isEqualTo(taken.get());
            assertThat(queue.offer(1, 1, true)).isFalse();
            assertThat(queue.isEmpty()).isTrue();
        }
    }

    @Test
    void entriesOfManyThreadsComeOnceInEachThreadsOrder() throws InterruptedException {
        var queue = new CommandQueue<int[]>(100, 10_000);
        for (var thread = 0; thread < 10; thread++) {
            var number = thread;
            Thread.ofVirtual().start(() -> {
                for (var n = 0; n < 1_000; n++) {
                    while (!queue.offer(new int[]{number, n}, 10, true)) LockSupport.parkNanos(queue, 100_000);
                }
            });
        }
        var next = new int[10];
        var seen = new HashSet<Integer>();
        while (seen.size() < 10_000) {
            var polled = queue.take();
            assertThat(polled).isNotNull();
            if (polled == null) return;
            assertThat(polled[1]).isEqualTo(next[polled[0]]++);
            seen.add(polled[0] * 1_000 + polled[1]);
        }
    }
}
