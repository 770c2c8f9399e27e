package io.rejoin.router.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

class PeersTest {
    private final Peers peers = new Peers();

    @Test
    void silenceIsCountedInOwnBeats() {
        peers.heard("a");
        beats(Peers.SILENT);
        assertThat(peers.silent()).isEmpty();
        beats(1);
        assertThat(peers.silent()).containsExactly("a");
        peers.heard("a");
        assertThat(peers.silent()).isEmpty();
    }

    @Test
    void whoeverWaitsForSilenceIsToldOfIt() throws InterruptedException {
        peers.heard("a");
        var beating = Thread.ofVirtual().start(() -> beats(Peers.SILENT + 1));
        peers.awaitSilent(Duration.ofMinutes(1));
        assertThat(peers.silent()).containsExactly("a");
        beating.join();
        peers.gone("a");

        peers.awaitSilent(Duration.ZERO);
        Thread.ofVirtual().start(peers::close);
        peers.awaitSilent(Duration.ofMinutes(1));
        assertThat(peers.silent()).isEmpty();
    }

    @Test
    void aRouterIsAloneUntilItHearsOfAnotherThatIsNotGone() {
        assertThat(peers.isAlone()).isTrue();
        peers.present("a");
        assertThat(peers.isAlone()).isFalse();
        beats(100);
        assertThat(peers.isAlone()).isFalse();
        peers.gone("a");
        assertThat(peers.isAlone()).isTrue();
        peers.heard("a");
        assertThat(peers.isAlone()).isFalse();
    }

    @Test
    void oneThatIsInTheGroupUnheardIsSilentOnceItCouldHaveBeenHeard() {
        beats(100);
        peers.present("a");
        beats(Peers.SILENT);
        peers.present("a");
        assertThat(peers.silent()).isEmpty();
        beats(1);
        assertThat(peers.silent()).containsExactly("a");
        peers.gone("a");
        assertThat(peers.silent()).isEmpty();
    }

    @Test
    void whoeverComesBackIsGivenTwiceTheTimeUpToABound() {
        for (var patience = Peers.SILENT; patience < Peers.PATIENCE; patience *= 2) {
            assertThat(silence("a")).isEqualTo(patience + 1);
            peers.gone("a");
        }
        assertThat(silence("a")).isEqualTo(Peers.PATIENCE + 1);
        assertThat(silence("a")).isEqualTo(Peers.PATIENCE + 1);
    }

    @Test
    void afterAnAbsenceOfItsOwnARouterLetsTheOthersFindKafkaAgain() {
        peers.heard("a");
        beats(1);
        peers.wasAway();
        peers.heard("a");
        beats(Peers.GRACE + Peers.SILENT);
        assertThat(peers.silent()).isEmpty();
        beats(1);
        assertThat(peers.silent()).containsExactly("a");
    }

    /** Takes one beat of a router. Returns the number of own beats until the router is silent. */
    private int silence(String id) {
        peers.heard(id);
        var beats = 0;
        for (; !peers.silent().contains(id); beats++) peers.beat();
        return beats;
    }

    private void beats(int count) {
        for (var i = 0; i < count; i++) peers.beat();
    }
}
