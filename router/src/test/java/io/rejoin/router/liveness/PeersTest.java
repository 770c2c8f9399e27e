package io.rejoin.router.liveness;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PeersTest {
    private final Peers peers = new Peers();

    @Test
    void silenceIsMeasuredInOwnBeats() {
        peers.onBeat("a");
        ownBeats(Peers.FIRST_LIMIT);
        assertThat(peers.silentRouters()).isEmpty();
        ownBeats(1);
        assertThat(peers.silentRouters()).containsExactly("a");
        peers.onBeat("a");
        assertThat(peers.silentRouters()).isEmpty();
    }

    @Test
    void awaitSilentReturnsOnSilenceAndOnClose() throws InterruptedException {
        peers.onBeat("a");
        var beating = Thread.ofVirtual().start(() -> ownBeats(Peers.FIRST_LIMIT + 1));
        peers.awaitSilent(Duration.ofMinutes(1));
        assertThat(peers.silentRouters()).containsExactly("a");
        beating.join();
        peers.onLeft("a");

        peers.awaitSilent(Duration.ZERO);
        Thread.ofVirtual().start(peers::close);
        peers.awaitSilent(Duration.ofMinutes(1));
        assertThat(peers.silentRouters()).isEmpty();
    }

    @Test
    void aRouterIsAloneWhileNoOtherIsInTheGroup() {
        assertThat(peers.isAlone()).isTrue();
        peers.onMember("a");
        assertThat(peers.isAlone()).isFalse();
        ownBeats(100);
        assertThat(peers.isAlone()).isFalse();
        peers.onLeft("a");
        assertThat(peers.isAlone()).isTrue();
        peers.onBeat("a");
        assertThat(peers.isAlone()).isFalse();
    }

    @Test
    void aMemberWithoutABeatIsSilentAfterTheLimit() {
        ownBeats(100);
        peers.onMember("a");
        ownBeats(Peers.FIRST_LIMIT);
        peers.onMember("a");
        assertThat(peers.silentRouters()).isEmpty();
        ownBeats(1);
        assertThat(peers.silentRouters()).containsExactly("a");
        peers.onLeft("a");
        assertThat(peers.silentRouters()).isEmpty();
    }

    @Test
    void theLimitDoublesForARouterThatComesBack() {
        for (var limit = Peers.FIRST_LIMIT; limit < Peers.MAX_LIMIT; limit *= 2) {
            assertThat(beatsUntilSilent("a")).isEqualTo(limit + 1);
            peers.onLeft("a");
        }
        assertThat(beatsUntilSilent("a")).isEqualTo(Peers.MAX_LIMIT + 1);
        assertThat(beatsUntilSilent("a")).isEqualTo(Peers.MAX_LIMIT + 1);
    }

    @Test
    void afterAnOwnPauseTheOthersGetTimeToReconnect() {
        peers.onBeat("a");
        ownBeats(1);
        peers.onOwnPause();
        peers.onBeat("a");
        ownBeats(Peers.RECONNECT_BEATS + Peers.FIRST_LIMIT);
        assertThat(peers.silentRouters()).isEmpty();
        ownBeats(1);
        assertThat(peers.silentRouters()).containsExactly("a");
    }

    /** Takes one beat of a router. Returns the number of own beats until the router is silent. */
    private int beatsUntilSilent(String id) {
        peers.onBeat(id);
        var ownBeats = 0;
        for (; !peers.silentRouters().contains(id); ownBeats++) peers.onOwnBeat();
        return ownBeats;
    }

    private void ownBeats(int count) {
        for (var i = 0; i < count; i++) peers.onOwnBeat();
    }
}
