package io.rejoin.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.env.Settings;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.errors.GroupAuthorizationException;
import org.apache.kafka.common.errors.SaslAuthenticationException;
import org.apache.kafka.common.errors.TimeoutException;
import org.apache.kafka.common.errors.TopicAuthorizationException;
import org.apache.kafka.common.errors.TransactionalIdAuthorizationException;
import org.junit.jupiter.api.Test;

class RightsTest {
    private static final String EDGES = "team-a.rejoin.edges";

    private static Rights rights(KafkaAccess kafka) {
        return Rights.ofRouter(kafka);
    }

    private static Rights rights() {
        return rights(KafkaAccess.of("k:9092", new TopicNames("team-a.")));
    }

    @Test
    void aTopicThatIsForbiddenIsNamedWithTheCommandThatAllowsIt() {
        var failure = new ExecutionException(new TopicAuthorizationException(Set.of(EDGES)));
        assertThat(rights().refusal(failure)).hasValueSatisfying(said -> assertThat(said).contains(
                "refuses User:... access to the topic " + EDGES + ": grant Read, Write, DescribeConfigs with",
                "kafka-acls.sh --bootstrap-server k:9092 --add --allow-principal User:... --operation Read"
                        + " --operation Write --operation DescribeConfigs --topic " + EDGES));
    }

    @Test
    void edgesAndToolsReadAndWriteWhatRoutersAndEdgesSayOfThemselves() {
        var kafka = KafkaAccess.of("k:9092", new TopicNames("team-a."));
        assertThat(Rights.ofEdge(kafka).lines()).containsExactly("topic team-a.rejoin.commands: Write",
                "topic team-a.rejoin.dead-letters: Write", "topic " + EDGES + ": Read, Write",
                "topic team-a.rejoin.events: Describe");
        assertThat(Rights.ofTools(kafka).lines()).contains("topic " + EDGES + ": Read, Write, DescribeConfigs");
    }

    @Test
    void whoeverLogsInByPasswordIsNamed() {
        var settings = new Settings(Map.of("KAFKA_SECURITY_PROTOCOL", "SASL_PLAINTEXT", "KAFKA_SASL_MECHANISM", "PLAIN",
                "KAFKA_SASL_JAAS_CONFIG", "org.apache.kafka.common.security.plain.PlainLoginModule required"
                        + " username='ann' password='b';"));
        var named = rights(KafkaAccess.read(settings));
        settings.check();
        assertThat(named.refusal(GroupAuthorizationException.forGroupId("rejoin-router")))
                .hasValueSatisfying(said -> assertThat(said).contains(
                        "refuses User:ann access to the group rejoin-router",
                        "--allow-principal User:ann --operation Read --group rejoin-router"));
        assertThat(named.refusal(new SaslAuthenticationException("Authentication failed")))
                .hasValueSatisfying(said -> assertThat(said).contains("refuses the login of User:ann", "KAFKA_SASL_*"));
    }

    @Test
    void aGroupThatIsOnlyAskedAboutNeedsNoMoreThanThat() {
        var rights = Rights.ofTools(KafkaAccess.of("k:9092", new TopicNames("team-a.")));
        assertThat(rights.refusal(GroupAuthorizationException.forGroupId("team-a.rejoin-router")))
                .hasValueSatisfying(said -> assertThat(said).contains(
                        "--operation Describe --group team-a.rejoin-history --group team-a.rejoin-router"));
        assertThat(rights.lines()).contains("group team-a.rejoin-router: Describe")
                .noneMatch(line -> line.contains("Create") || line.contains("AlterConfigs"));
    }

    @Test
    void transactionalIdsAreAllowedByTheirBeginning() {
        assertThat(rights().refusal(new TransactionalIdAuthorizationException("no"))).hasValueSatisfying(
                said -> assertThat(said)
                        .contains("--transactional-id team-a.rejoin-router- --resource-pattern-type prefixed"));
    }

    @Test
    void otherFailuresAreNone() {
        assertThat(rights().refusal(new TimeoutException("away"))).isEmpty();
    }
}
