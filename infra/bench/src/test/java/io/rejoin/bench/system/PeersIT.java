package io.rejoin.bench.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rejoin.bench.load.Generator;
import io.rejoin.bench.load.Outcome;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Tests with the generator each peer that is available here: {@code infra/bench/peers/test}. */
@EnabledIfSystemProperty(named = PeerPrograms.FOLDER, matches = ".+", disabledReason = "needs node, go and redis-server")
class PeersIT {
    private static final int ROOMS = 20;
    private static final int MEMBERS = 6;
    private static final Generator.Load LOAD = new Generator.Load(200, 1, 3);

    static Stream<Candidate> peers() {
        return Peer.ALL.stream().map(Candidate.class::cast);
    }

    static Stream<Candidate> peersThatResume() {
        return peers().filter(Candidate::resumes);
    }

    @ParameterizedTest
    @MethodSource("peers")
    void allIsAcknowledgedAndComesOnceToEachInOrder(Candidate peer, @TempDir Path folder) throws IOException {
        assumeThat(peer.missing()).isEmpty();

        try (var deployment = peer.start(folder); var generator = new Generator(folder)) {
            open(peer, deployment, generator);
            var before = Usage.of(deployment);
            var outcome = generator.load(LOAD, new Unwatched());

            assertAllCame(peer, outcome);
            assertThat(outcome.deliveries()).isEqualTo(MEMBERS * outcome.posts()).isPositive();
            assertThat(Usage.of(deployment).since(before).cpu())
                    .allSatisfy((part, cpu) -> assertThat(cpu).isPositive());
            assertThat(deployment.collectGarbage()).isTrue();
        }
    }

    @ParameterizedTest
    @MethodSource("peersThatResume")
    void whoeverLosesItsConnectionHasAllThatWasPostedMeanwhile(Candidate peer, @TempDir Path folder)
            throws IOException {
        assumeThat(peer.missing()).isEmpty();

        try (var deployment = peer.start(folder); var generator = new Generator(folder)) {
            open(peer, deployment, generator);
            var outcome = generator.load(LOAD.cutting(), new Unwatched());

            assertAllCame(peer, outcome);
            assertThat(outcome.returns().count()).isEqualTo(ROOMS * (MEMBERS - 1));
        }
    }

    private static void open(Candidate peer, Deployment deployment, Generator generator) {
        generator.open(deployment.dialect(), deployment.addresses(),
                new Generator.Members("it", ROOMS, MEMBERS, 0, 0, 500, peer.resumes()));
    }

    private static void assertAllCame(Candidate peer, Outcome outcome) {
        assertThat(outcome.faults() - outcome.outOfOrder()).as("%s", outcome).isZero();
        if (peer.keepsOrder()) assertThat(outcome.outOfOrder()).as("%s", outcome).isZero();
        assertThat(outcome.oddities()).isEmpty();
    }

    private static final class Unwatched implements Generator.Window {
        @Override
        public void begins() {
            // the test reads the usage before and after the load
        }

        @Override
        public void ends() {
            // see above
        }
    }
}
