package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.RoomId;
import io.rejoin.history.store.Head;
import io.rejoin.history.store.Messages;
import java.time.Duration;
import java.util.ArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class HeadWatchTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final Duration LONG = Duration.ofSeconds(50);

    private final HeadWatch watch = new HeadWatch(100);

    @Test
    void allWhoWaitForAMessageAreWokenByIt() throws Exception {
        var entered = new CountDownLatch(50);
        var waits = new ArrayList<Future<Boolean>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var i = 0; i < 50; i++) {
                waits.add(threads.submit(() -> {
                    try (var waiter = watch.enter(LOBBY)) {
                        entered.countDown();
                        return waiter.await(Head.NONE, head -> head.seq() >= 3, LONG);
                    }
                }));
            }
            entered.await();
            watch.stored(0, Messages.rows(LOBBY, 1, 1, 2));
            watch.stored(0, Messages.rows(LOBBY, 1, 3, 4));
            for (var wait : waits) assertThat(wait.get()).isTrue();
        }
        assertThat(watch.rooms()).isEmpty();
    }

    @Test
    void thatSomebodyWaitsIsSaidOfTheFirst() throws Exception {
        var said = new ArrayList<Integer>();
        watch.onFirstWaiter(() -> said.add(watch.count()));
        try (var _ = watch.enter(LOBBY); var _ = watch.enter(LOBBY)) {
            assertThat(said).containsExactly(1);
        }
        try (var _ = watch.enter(LOBBY)) {
            assertThat(said).containsExactly(1, 1);
        }
    }

    @Test
    void growthBetweenEnteringAndWaitingIsNotMissed() throws Exception {
        try (var waiter = watch.enter(LOBBY)) {
            watch.grown(LOBBY, new Head(1, 5));

            assertThat(waiter.await(Head.NONE, head -> head.seq() >= 5, LONG)).isTrue();
            assertThat(waiter.head()).isEqualTo(new Head(1, 5));
        }
    }

    @Test
    void oldNewsAndOtherRoomsWakeNobody() throws Exception {
        try (var waiter = watch.enter(LOBBY)) {
            watch.grown(LOBBY, new Head(2, 5));
            watch.grown(LOBBY, new Head(1, 9));
            watch.grown(new RoomId("default", "hall"), new Head(2, 9));

            assertThat(waiter.await(new Head(2, 5), _ -> true, Duration.ofMillis(5))).isFalse();
            assertThat(waiter.head()).isEqualTo(new Head(2, 5));
        }
    }

    @Test
    void whoAsksForHeadsIsToldWhenSomebodyBeginsToWait() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var told = threads.submit(() -> {
                watch.awaitAny();
                return watch.rooms();
            });
            try (var _ = watch.enter(LOBBY)) {
                assertThat(told.get()).containsExactly(LOBBY);
                watch.awaitAny();
            }
        }
    }

    @Test
    void noMoreWaitThanMay() throws Exception {
        var one = new HeadWatch(1);
        try (var _ = one.enter(LOBBY)) {
            assertThatThrownBy(() -> one.enter(LOBBY)).isInstanceOf(HeadWatch.TooManyWaitersException.class);
        }
        one.enter(LOBBY).close();
    }

    @Test
    void closingLetsEverybodyGo() throws Exception {
        try (var waiter = watch.enter(LOBBY)) {
            watch.close();

            assertThat(waiter.await(Head.NONE, _ -> true, LONG)).isFalse();
        }
    }
}
