package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Checks that clients of common tutorials work after changing only the URL. */
class TutorialIT {
    private final Cluster cluster = Cluster.shared();

    @ParameterizedTest
    @ValueSource(strings = {"?name=a&room=tutorial-query&token=t", "/ws/tutorial-path?name=a",
            "/ws?name=a&room=tutorial-ws&token=t"})
    void aTutorialsPageChats(String pathAndQuery) {
        try (var client = Client.connect(cluster.edgeUri(0, pathAndQuery))) {
            assertThat(client.await("join_ack").path("user").asText()).isEqualTo("a");
            try (var other = Client.connect(cluster.edgeUri(0, pathAndQuery.replace("name=a", "name=b")))) {
                var presence = client.await("presence");
                assertThat(presence.path("action").asText()).isEqualTo("join");
                assertThat(presence.path("user").asText()).isEqualTo("b"); // nobody gets its own join
                other.await("join_ack");
            }

            client.send("{\"event\":\"message\",\"text\":\"hi\"}");
            client.send("{\"event\":\"ping\"}");

            var message = client.await("message");
            assertThat(message.path("user").asText()).isEqualTo("a");
            assertThat(message.path("text").asText()).isEqualTo("hi");
            assertThat(Instant.ofEpochMilli(message.path("ts").asLong()))
                    .isCloseTo(Instant.now(), org.assertj.core.api.Assertions.within(Duration.ofMinutes(5)));
            assertThat(client.await("pong").path("ts").isIntegralNumber()).isTrue();
        }
    }

    @Test
    void whatIsNotUnderstoodIsAnsweredAndTheConnectionGoesOn() {
        try (var client = Client.connect(cluster.edgeUri(0, "/ws/tutorial-errors?name=a"))) {
            client.await("join_ack");
            client.send("hello?");
            client.send("{\"event\":\"dance\",\"id\":\"7\"}");
            client.send("{\"event\":\"message\",\"room\":\"elsewhere\",\"text\":\"x\",\"id\":\"8\"}");

            client.await(frame -> frame.path("code").asText().equals("invalid_frame"));
            assertThat(client.await(frame -> frame.path("code").asText().equals("unknown_event")).path("id").asText())
                    .isEqualTo("7");
            assertThat(client.await(frame -> frame.path("code").asText().equals("not_joined")).path("id").asText())
                    .isEqualTo("8");
        }
    }

    @Test
    void aNameThatBreaksTheRulesIsRefusedBeforeTheUpgrade() {
        assertThatThrownBy(() -> Client.connect(cluster.edgeUri(0, "/ws/" + "r".repeat(300) + "?name=a")))
                .hasRootCauseMessage("Unexpected HTTP response status code 400");
    }
}
