package io.rejoin.bench.system;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeerProgramsTest {
    private static final String SAID = """
            node-stream: available
            centrifuge: left out: go is missing (https://go.dev/dl)
            """;

    @Test
    void aPeerThatIsAvailableMissesNothing() {
        assertThat(PeerPrograms.missing("node-stream", SAID)).isEmpty();
    }

    @Test
    void aPeerThatIsLeftOutSaysWhy() {
        assertThat(PeerPrograms.missing("centrifuge", SAID)).contains("go is missing (https://go.dev/dl)");
    }

    @Test
    void aPeerThatIsNotToldOfIsMissing() {
        assertThat(PeerPrograms.missing("socketio", SAID)).contains("unknown to infra/bench/peers/prepare");
    }
}
