package io.rejoin.helm;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Checks that invalid values are refused before anything is installed, with a message that names them. */
class RefusedValuesTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '"', value = {
            "what nobody knows                 | minimal      | edge: {maxConections: 5}                                    | maxConections",
            "no broker                         | minimal      | kafka: {bootstrapServers: []}                               | /kafka/bootstrapServers",
            "a password of Kafka in plain      | minimal      | kafka: {settings: {sasl.jaas.config: abc}}                  | /kafka/settings/sasl.jaas.config",
            "a prefix that is none             | minimal      | kafka: {prefix: 'team/a'}                                   | /kafka/prefix",
            "a broker without a port           | minimal      | kafka: {bootstrapServers: [kafka]}                          | /kafka/bootstrapServers/0",
            "no way to verify tokens           | minimal      | auth: {jwtSecret: {existingSecret: ''}}                     | /auth/jwtSecret/existingSecret",
            "two ways to verify tokens         | minimal      | auth: {jwks: {location: 'https://id.example'}}              | /auth/jwtSecret/existingSecret",
            "a secret in plain                 | minimal      | auth: {jwtSecret: 0123456789abcdef0123456789abcdef}         | /auth/jwtSecret",
            "another secret in plain           | minimal      | history: {apiSecret: 0123456789abcdef0123456789abcdef}      | /history/apiSecret",
            "a password in plain               | minimal      | history: {database: {password: abc}}                        | /history/database/password",
            "a password in a variable          | minimal      | edge: {extraEnv: [{name: A_PASSWORD, value: abc}]}          | /edge/extraEnv/0/value",
            "a password in the URL             | minimal      | history: {database: {url: 'jdbc:postgresql://u:p@h/r'}}     | /history/database/url",
            "a password behind the URL         | minimal      | history: {database: {url: 'jdbc:postgresql://h/r?user=u&password=p'}} | /history/database/url",
            "no database                       | minimal      | history: {database: {url: ''}}                              | /history/database/url",
            "no secret of history              | minimal      | history: {apiSecret: {existingSecret: ''}}                  | /history/apiSecret/existingSecret",
            "no secret of routers              | minimal      | router: {linkSecret: {existingSecret: ''}}                  | /router/linkSecret/existingSecret",
            "a trial secret of routers beside others | minimal | trialSecrets: {linkSecret: 0123456789abcdef}               | /trialSecrets/linkSecret",
            "a link secret that is too short   | trial        | trialSecrets: {linkSecret: short}                           | /trialSecrets/linkSecret",
            "a trial secret beside others      | minimal      | trialSecrets: {apiSecret: 0123456789abcdef}                 | /trialSecrets/apiSecret",
            "others beside trial secrets       | trial        | history: {apiSecret: {existingSecret: rejoin}}              | /history/apiSecret/existingSecret",
            "a trial secret that is too short  | trial        | trialSecrets: {jwtSecret: short}                            | /trialSecrets/jwtSecret",
            "no edge                           | minimal      | edge: {replicas: 0}                                         | /edge/replicas",
            "half a router                     | minimal      | router: {replicas: 1.5}                                     | /router/replicas",
            "a drain without end               | minimal      | edge: {drainSeconds: 3600}                                  | /edge/drainSeconds",
            "a duration as the README has it   | minimal      | edge: {drainDelaySeconds: PT5S}                             | /edge/drainDelaySeconds",
            "a budget that lets no node drain  | minimal      | router: {podDisruptionBudget: {maxUnavailable: 0}}          | /router/podDisruptionBudget/maxUnavailable",
            "a level of logs                   | minimal      | log: VERBOSE                                                | /log",
            "traces for no collector           | minimal      | traces: {part: 0.1}                                         | /traces/endpoint",
            "more than all posts               | minimal      | traces: {part: 2, endpoint: 'http://collector:4318'}        | /traces/part",
            "an origin that is none            | minimal      | edge: {allowedOrigins: [app.example.com]}                   | /edge/allowedOrigins/0",
            "root                              | minimal      | security: {runAsUser: 0}                                    | /security/runAsUser",
            "an Ingress for nobody             | minimal      | ingress: {enabled: true}                                    | /ingress/hosts",
            "a route from nowhere              | minimal      | gateway: {enabled: true}                                    | /gateway/parentRefs",
            "a time that Gateways do not know  | gateway-networkpolicy | gateway: {timeouts: {request: PT0S}}               | /gateway/timeouts/request",
            "a copy count of none              | minimal      | router: {replication: 0}                                    | /router/replication",
            "memory that is none               | minimal      | edge: {resources: {limits: {memory: lots}}}                 | /edge/resources/limits/memory",
            "a peer that lets in all by mistake | minimal     | networkPolicy: {clients: [{}]}                              | /networkPolicy/clients/0",
            "a Service type                    | minimal      | edge: {service: {type: ExternalName}}                       | /edge/service/type"})
    void theMessageNamesTheValue(String what, String set, String values, String named) {
        assertThatThrownBy(() -> Chart.render(set, values)).as(what).hasMessageContaining(named);
    }

    @Test
    void edgesWithTooLittleMemoryForTheirConnectionsAreTheOnesToRaise() {
        assertThatThrownBy(() -> Chart.render("minimal", "edge: {maxConnections: 100000}"))
                .hasMessageContaining("edge.maxConnections is 100000")
                .hasMessageContaining("edge.resources.limits.memory, 1Gi, has heap for 22548")
                .hasMessageContaining("raise it to 4542Mi");
        Chart.render("minimal", "edge: {maxConnections: 100000, resources: {limits: {memory: 4542Mi}}}");
        Chart.render("minimal", "edge: {maxConnections: 100000, resources: {limits: null}}");
        Chart.render("minimal", "edge: {maxConnections: 100000, resources: {limits: {memory: 5368709120}}}");
    }

    @Test
    void anAutoscalerThatCannotScaleIsRefused() {
        assertThatThrownBy(() -> Chart.render("autoscaled-large", "edge: {autoscaling: {minReplicas: 50}}"))
                .hasMessageContaining("edge.autoscaling.minReplicas is 50, more than edge.autoscaling.maxReplicas, 40");
    }
}
