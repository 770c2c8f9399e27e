package io.rejoin.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.rejoin.e2e.check.Checker;
import io.rejoin.e2e.check.Observation;
import io.rejoin.e2e.check.Recorder;
import io.rejoin.e2e.check.Requirements;
import io.rejoin.e2e.load.Backoff;
import io.rejoin.e2e.load.Credentials;
import io.rejoin.e2e.load.FinalReads;
import io.rejoin.e2e.load.Plan;
import io.rejoin.e2e.load.Workload;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/**
 * Tests the containers that {@code infra/compose/test} started, through their load balancer, while clients post. One
 * container of each kind is killed. The database is restored from a backup. An edge is added. All containers are
 * replaced one by one, and then upgraded to another version. Backup, restore and upgrade use the runbook's commands.
 * The clients' observations are recorded and checked.
 */
@EnabledIfSystemProperty(named = "rejoin.compose", matches = "true", disabledReason = "needs a Docker engine and images")
class ComposeIT {
    private static final Duration PATIENCE = Duration.ofMinutes(3);
    private static final ObjectMapper JSON = new ObjectMapper();

    private final HttpClient http = HttpClient.newHttpClient();
    private final Path place = Path.of(System.getProperty("rejoin.compose.folder", "."));
    private final Compose compose = new Compose(place);
    private final List<URI> balancer = List.of(URI.create("ws://127.0.0.1:" + compose.setting("PORT")));
    private final Credentials credentials = new Credentials(user -> "token=" + token(user),
            compose.setting("HISTORY_API_SECRET"));

    @TempDir
    private Path folder;

    @Test
    void nothingIsLostWhileContainersDieAndComeAndAreReplaced() throws Exception {
        var history = folder.resolve("history.jsonl");
        try (var recorder = new Recorder(history)) {
            run(recorder);
        }

        var report = Checker.check(List.of(history), Requirements.of(500, 6));

        System.out.println(report.text());
        assertThat(report.isClean()).as(report.text()).isTrue();
    }

    private void run(Recorder recorder) throws Exception {
        var plan = Plan.of("compose", 4, 4, 30).withDropEvery(Duration.ofSeconds(20))
                .withBackoff(new Backoff(Duration.ofMillis(500), Duration.ofSeconds(2)));
        try (var workload = new Workload(plan, balancer, credentials, recorder)) {
            workload.connect();
            workload.awaitLive(PATIENCE);
            workload.startPosting();
            awaitMore(workload, 100);
            awaitTargets(5);
            for (var service : List.of("edge", "router", "history", "postgres", "kafka", "balancer"))
                kill(service, workload, recorder);
            backUpAndRestore(workload);
            compose.run("up", "-d", "--wait", "--no-recreate", "--scale", "edge=3");
            assertThat(compose.containers("edge")).hasSize(3);
            awaitTargets(6);
            assertThat(compose.run("run", "--rm", "-T", "rejoinctl", "edges", "--json").lines()
                    .filter(line -> line.contains("\"status\":\"ok\""))).hasSize(3);
            awaitMore(workload, 100);
            for (var service : List.of("history", "router", "edge")) replace(service, workload);
            upgrade(workload);
            workload.settle(PATIENCE);
            new FinalReads(balancer, URI.create("http://127.0.0.1:" + compose.setting("HISTORY_PORT")),
                    "127.0.0.1:" + compose.setting("KAFKA_PORT"), credentials, recorder).readAll(workload);
        }
    }

    /**
     * Waits until Prometheus scrapes every process that Docker's DNS names, and checks that it has loaded the rules.
     */
    private void awaitTargets(int processes) throws IOException, InterruptedException {
        await().atMost(PATIENCE).untilAsserted(() -> {
            var up = ask("/api/v1/query?query=up%7Bjob%3D~%22rejoin-.*%22%7D").at("/data/result");
            assertThat(up).hasSize(processes).allSatisfy(
                    one -> assertThat(one.at("/value/1").asText()).as(one.toString()).isEqualTo("1"));
        });
        assertThat(ask("/api/v1/rules").at("/data/groups")).hasSize(4);
    }

    private JsonNode ask(String path) throws IOException, InterruptedException {
        var uri = URI.create("http://127.0.0.1:" + compose.setting("PROMETHEUS_PORT") + path);
        return JSON.readTree(http.send(HttpRequest.newBuilder(uri).build(), BodyHandlers.ofString()).body());
    }

    /** Kills a container like a crash; Docker restarts it. */
    private void kill(String service, Workload workload, Recorder recorder) {
        var victim = compose.containers(service).getFirst();
        recorder.record(new Observation.Fault(recorder.at("test", "", 0), "kill", service, Observation.Phase.BEGIN));
        compose.kill(victim);
        awaitMore(workload, 30);
        await().atMost(PATIENCE).until(() -> compose.isHealthy(victim));
        recorder.record(new Observation.Fault(recorder.at("test", "", 0), "kill", service, Observation.Phase.END));
        awaitMore(workload, 30);
    }

    /** Stops and restarts each container of a service, one after the other, as an upgrade does. */
    private void replace(String service, Workload workload) {
        for (var container : compose.containers(service)) {
            compose.docker("stop", "-t", "60", container);
            assertThat(compose.exitCode(container)).isZero();
            awaitMore(workload, 30);
            compose.docker("start", container);
            await().atMost(PATIENCE).until(() -> compose.isHealthy(container));
        }
    }

    /** Messages posted after the backup are only in Kafka, and history reads them from there again. */
    private void backUpAndRestore(Workload workload) throws IOException {
        var commands = Runbook.commands("Restore");
        compose.type(commands.getFirst());
        assertThat(place.resolve("rejoin.dump")).isNotEmptyFile();
        awaitMore(workload, 100);
        commands.subList(1, commands.size() - 1).forEach(compose::type);
        assertThat(inDatabase("message")).isPositive();
        assertThat(inDatabase("ingest_position")).isPositive();
        compose.type(commands.getLast());
        awaitMore(workload, 30);
    }

    private long inDatabase(String table) {
        return Long.parseLong(compose.run("exec", "-T", "postgres", "psql", "-U", "rejoin", "-tAc",
                "select count(*) from " + table));
    }

    /** Tags the same images with another name. Compose treats that as another version and recreates every container. */
    private void upgrade(Workload workload) throws IOException {
        var services = List.of("edge", "router", "history");
        var before = services.stream().flatMap(service -> compose.containers(service).stream()).toList();
        for (var service : services) {
            var image = compose.docker("inspect", "-f", "{{.Config.Image}}", compose.containers(service).getFirst());
            compose.docker("tag", image, image.substring(0, image.lastIndexOf(':')) + ":next");
        }
        compose.set("TAG", "next");
        for (var command : Runbook.commands("Rolling upgrade")) {
            compose.type(command);
            awaitMore(workload, 30);
        }
        for (var service : services)
            assertThat(compose.containers(service)).isNotEmpty().doesNotContainAnyElementsOf(before);
    }

    private static void awaitMore(Workload workload, long acknowledged) {
        var before = workload.acknowledged();
        await().atMost(PATIENCE).until(() -> workload.acknowledged() >= before + acknowledged);
    }

    private String token(String user) {
        try {
            var claims = new JWTClaimsSet.Builder().subject(user)
                    .expirationTime(Date.from(Instant.now().plus(Duration.ofHours(1)))).build();
            var token = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
            token.sign(new MACSigner(compose.setting("EDGE_JWT_SECRET")));
            return token.serialize();
        } catch (JOSEException e) {
            throw new IllegalStateException("the secret is too short for a token", e);
        }
    }
}
