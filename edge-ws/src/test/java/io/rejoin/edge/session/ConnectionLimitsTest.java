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
    void oneUserDoesNotTakeThePlacesOfAll() {
        var places = new ConnectionLimits(10, 2);
        assertThat(places.take(ANN)).isNull();
        assertThat(places.take(ANN)).isNull();
        assertThat(places.ask(ANN)).isEqualTo(RefusalCode.TOO_MANY_CONNECTIONS);
        assertThat(places.take(ANN)).isEqualTo(RefusalCode.TOO_MANY_CONNECTIONS);
        assertThat(places.take(BEN)).isNull();
        assertThat(places.take(new UserId("other", "ann"))).isNull(); // another user: the tenant is different
        places.giveBack(ANN);
        assertThat(places.take(ANN)).isNull();
        assertThat(places.isFull()).isFalse();
    }

    @Test
    void fullIsSaidUntilSomePlacesAreFree() {
        var places = new ConnectionLimits(100, 100);
        for (var i = 0; i < 100; i++) {
            assertThat(places.isFull()).isFalse();
            assertThat(places.take(ANN)).isNull();
        }
        assertThat(places.take(BEN)).isEqualTo(RefusalCode.FULL);
        for (var i = 0; i < 4; i++) places.giveBack(ANN);
        assertThat(places.isFull()).isTrue();
        assertThat(places.take(BEN)).isNull(); // a client that comes anyway is accepted
        for (var i = 0; i < 2; i++) places.giveBack(ANN);
        assertThat(places.isFull()).isFalse();
    }

    @Test
    void anEdgeOfOneConnectionIsFullWithIt() {
        var places = new ConnectionLimits(1, 1000);
        assertThat(places.take(ANN)).isNull();
        assertThat(places.isFull()).isTrue();
        places.giveBack(ANN);
        assertThat(places.isFull()).isFalse();
    }

    @Test
    void noPlaceIsLostWhenManyComeAndGoAtOnce() throws InterruptedException {
        var places = new ConnectionLimits(8, 3);
        var most = new ConcurrentLinkedQueue<Boolean>();
        var threads = new ArrayList<Thread>();
        for (var i = 0; i < 16; i++) {
            var user = user("u" + i % 4);
            threads.add(Thread.ofVirtual().start(() -> {
                for (var n = 0; n < 2_000; n++) {
                    if (places.take(user) != null) continue;
                    most.add(places.ask(user("other")) == null);
                    places.giveBack(user);
                }
            }));
        }
        for (var thread : threads) thread.join();
        for (var i = 0; i < 8; i++) assertThat(places.take(user("u" + i))).isNull();
        assertThat(places.ask(ANN)).isEqualTo(RefusalCode.FULL);
        assertThat(most).isNotEmpty();
    }

    private static UserId user(String name) {
        return new UserId(UserId.DEFAULT_TENANT, name);
    }
}
