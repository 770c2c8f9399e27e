package io.rejoin.bench.system;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.rejoin.bench.load.Generator;
import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What the generator finds of each peer that can be had here: {@code infra/bench/peers/test}. */
@EnabledIfSystemProperty(named = PeerPrograms.FOLDER, matches = ".+", disabledReason = "needs node, go and redis-server")
class PeersIT {
    private static final Generator.Members MEMBERS = new Generator.Members("it", 20, 6, 0, 0, 500, false);
    private static final Generator.Load LOAD = new Generator.Load(200, 1, 3);

    static Stream<String> peers() {
        return Peer.ALL.stream().map(Peer::name);
    }

    @ParameterizedTest
    @MethodSource("peers")
    void allIsAcknowledgedAndComesOnceToEachInOrder(String name, @TempDir Path folder) throws IOException {
        var peer = Candidates.named(name);
        assumeThat(peer.missing()).isEmpty();

        try (var deployment = peer.start(folder); var generator = new Generator(folder)) {
            generator.open(deployment.dialect(), deployment.addresses(), MEMBERS);
            var before = Usage.of(deployment);
            var outcome = generator.load(LOAD, new Unwatched());

            assertThat(outcome.isClean()).as("%s", outcome).isTrue();
            assertThat(outcome.oddities()).isEmpty();
            assertThat(outcome.deliveries()).isEqualTo(6 * outcome.posts()).isPositive();
            assertThat(Usage.of(deployment).since(before).cpu())
                    .allSatisfy((part, cpu) -> assertThat(cpu).isPositive());
        }
    }

    private static final class Unwatched implements Generator.Window {
        @Override
        public void begins() {
            // usage is taken around all of it
        }

        @Override
        public void ends() {
            // the same
        }
    }
}
