package io.rejoin.edge.fanout;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.Topics;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.contracts.log.LogCodec;
import java.time.Duration;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class AnnouncerTest {
    private final EdgeIdentity identity = new EdgeIdentity("edge-1", 3);

    @Test
    void itAnnouncesTheIncarnationOfTheMoment() throws Exception {
        var producer = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        var announcer = new Announcer(producer, identity, () -> "here:80", () -> 7);
        announcer.announceFirst(Duration.ofSeconds(30));
        identity.renew();
        var thread = Thread.ofVirtual().start(announcer);
        await().atMost(Duration.ofSeconds(30)).until(() -> producer.history().size() >= 2);
        announcer.stop();
        assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        assertThat(producer.history().getFirst().topic()).isEqualTo(Topics.EDGES);
        assertThat(LogCodec.heartbeat(producer.history().getFirst().value()))
                .isEqualTo(new EdgeHeartbeat(new EdgeRef("edge-1", 1, 3), "here:80", 7));
        assertThat(LogCodec.heartbeat(producer.history().get(1).value()).edge().incarnation()).isEqualTo(2);
    }

    @Test
    void withoutAFirstHeartbeatThereIsNoEdge() {
        var silent = new MockProducer<>(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        var announcer = new Announcer(silent, identity, () -> "here:80", () -> 7);

        assertThatThrownBy(() -> announcer.announceFirst(Duration.ofMillis(50)))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining(Topics.EDGES);
    }

    @Test
    void aHeartbeatThatIsNotTakenIsSaidAndWhy() throws Exception {
        var broken = new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        var announcer = new Announcer(broken, identity, () -> "here:80", () -> 7);
        assertThat(announcer.problem()).isNull();
        broken.sendException = new TopicAuthorizationException(Topics.EDGES);
        var thread = Thread.ofVirtual().start(announcer);
        await().atMost(Duration.ofSeconds(30)).until(() -> announcer.problem() != null);
        announcer.stop();

        assertThat(thread.join(Duration.ofSeconds(30))).isTrue();
        assertThat(announcer.problem()).contains("KAFKA_BOOTSTRAP_SERVERS").contains("TopicAuthorizationException");
    }
}
