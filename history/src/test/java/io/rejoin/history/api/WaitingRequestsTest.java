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
class WaitingRequestsTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final Duration TIMEOUT = Duration.ofSeconds(50);

    private final WaitingRequests waitingRequests = new WaitingRequests(100);

    @Test
    void aMessageWakesAllItsWaiters() throws Exception {
        var registered = new CountDownLatch(50);
        var results = new ArrayList<Future<Boolean>>();
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (var i = 0; i < 50; i++) {
                results.add(threads.submit(() -> {
                    try (var waiter = waitingRequests.register(LOBBY)) {
                        registered.countDown();
                        return waiter.await(Head.NONE, head -> head.seq() >= 3, TIMEOUT);
                    }
                }));
            }
            registered.await();
            waitingRequests.onStored(0, Messages.rows(LOBBY, 1, 1, 2));
            waitingRequests.onStored(0, Messages.rows(LOBBY, 1, 3, 4));
            for (var result : results) assertThat(result.get()).isTrue();
        }
        assertThat(waitingRequests.rooms()).isEmpty();
    }

    @Test
    void onlyTheFirstWaiterRunsTheAction() throws Exception {
        var waiterCounts = new ArrayList<Integer>();
        waitingRequests.onFirstWaiter(() -> waiterCounts.add(waitingRequests.count()));
        try (var _ = waitingRequests.register(LOBBY); var _ = waitingRequests.register(LOBBY)) {
            assertThat(waiterCounts).containsExactly(1);
        }
        try (var _ = waitingRequests.register(LOBBY)) {
            assertThat(waiterCounts).containsExactly(1, 1);
        }
    }

    @Test
    void aMessageBetweenRegisteringAndWaitingIsNotMissed() throws Exception {
        try (var waiter = waitingRequests.register(LOBBY)) {
            waitingRequests.updateHead(LOBBY, new Head(1, 5));

            assertThat(waiter.await(Head.NONE, head -> head.seq() >= 5, TIMEOUT)).isTrue();
            assertThat(waiter.head()).isEqualTo(new Head(1, 5));
        }
    }

    @Test
    void anOlderHeadAndAnotherRoomWakeNobody() throws Exception {
        try (var waiter = waitingRequests.register(LOBBY)) {
            waitingRequests.updateHead(LOBBY, new Head(2, 5));
            waitingRequests.updateHead(LOBBY, new Head(1, 9));
            waitingRequests.updateHead(new RoomId("default", "hall"), new Head(2, 9));

            assertThat(waiter.await(new Head(2, 5), _ -> true, Duration.ofMillis(5))).isFalse();
            assertThat(waiter.head()).isEqualTo(new Head(2, 5));
        }
    }

    @Test
    void awaitAnyWaiterReturnsWhenARequestWaits() throws Exception {
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var rooms = threads.submit(() -> {
                waitingRequests.awaitAnyWaiter();
                return waitingRequests.rooms();
            });
            try (var _ = waitingRequests.register(LOBBY)) {
                assertThat(rooms.get()).containsExactly(LOBBY);
                waitingRequests.awaitAnyWaiter();
            }
        }
    }

    @Test
    void moreWaitersThanTheLimitAreRefused() throws Exception {
        var single = new WaitingRequests(1);
        try (var _ = single.register(LOBBY)) {
            assertThatThrownBy(() -> single.register(LOBBY))
                    .isInstanceOf(WaitingRequests.TooManyWaitersException.class);
        }
        single.register(LOBBY).close();
    }

    @Test
    void closingEndsAllWaits() throws Exception {
        try (var waiter = waitingRequests.register(LOBBY)) {
            waitingRequests.close();

            assertThat(waiter.await(Head.NONE, _ -> true, TIMEOUT)).isFalse();
        }
    }
}
