package io.rejoin.edge.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.RefusalCode;
import java.util.ArrayList;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.junit.jupiter.api.Test;

class ConnectionLimitsTest {
    private static final UserId ANN = user("ann");
    private static final UserId BEN = user("ben");

    @Test
    void oneUserCannotUseAllSlots() {
        var limits = new ConnectionLimits(10, 2);
        assertThat(limits.acquire(ANN)).isNull();
        assertThat(limits.acquire(ANN)).isNull();
        assertThat(limits.check(ANN)).isEqualTo(RefusalCode.TOO_MANY_CONNECTIONS);
        assertThat(limits.acquire(ANN)).isEqualTo(RefusalCode.TOO_MANY_CONNECTIONS);
        assertThat(limits.acquire(BEN)).isNull();
        assertThat(limits.acquire(new UserId("other", "ann"))).isNull(); // another user: the tenant is different
        limits.release(ANN);
        assertThat(limits.acquire(ANN)).isNull();
        assertThat(limits.isFull()).isFalse();
    }

    @Test
    void aFullEdgeStaysFullUntilSomeSlotsAreFree() {
        var limits = new ConnectionLimits(100, 100);
        for (var i = 0; i < 100; i++) {
            assertThat(limits.isFull()).isFalse();
            assertThat(limits.acquire(ANN)).isNull();
        }
        assertThat(limits.acquire(BEN)).isEqualTo(RefusalCode.FULL);
        for (var i = 0; i < 4; i++) limits.release(ANN);
        assertThat(limits.isFull()).isTrue();
        assertThat(limits.acquire(BEN)).isNull(); // a client that comes anyway is accepted
        for (var i = 0; i < 2; i++) limits.release(ANN);
        assertThat(limits.isFull()).isFalse();
    }

    @Test
    void anEdgeWithOneSlotIsFullWithOneConnection() {
        var limits = new ConnectionLimits(1, 1000);
        assertThat(limits.acquire(ANN)).isNull();
        assertThat(limits.isFull()).isTrue();
        limits.release(ANN);
        assertThat(limits.isFull()).isFalse();
    }

    @Test
    void concurrentConnectionsLoseNoSlot() throws InterruptedException {
        var limits = new ConnectionLimits(8, 3);
        var checks = new ConcurrentLinkedQueue<Boolean>();
        var threads = new ArrayList<Thread>();
        for (var i = 0; i < 16; i++) {
            var user = user("u" + i % 4);
            threads.add(Thread.ofVirtual().start(() -> {
                for (var n = 0; n < 2_000; n++) {
                    if (limits.acquire(user) != null) continue;
                    checks.add(limits.check(user("other")) == null);
                    limits.release(user);
                }
            }));
        }
        for (var thread : threads) thread.join();
        for (var i = 0; i < 8; i++) assertThat(limits.acquire(user("u" + i))).isNull();
        assertThat(limits.check(ANN)).isEqualTo(RefusalCode.FULL);
        assertThat(checks).isNotEmpty();
    }

    private static UserId user(String name) {
        return new UserId(UserId.DEFAULT_TENANT, name);
    }
}
