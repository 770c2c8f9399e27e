package io.rejoin.tools;

import com.sun.management.UnixOperatingSystemMXBean;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.env.Program;
import io.rejoin.contracts.log.EdgeHeartbeat;
import io.rejoin.kafka.KafkaAccess;
import io.rejoin.router.RouterConfig;
import io.rejoin.router.topics.TopicSetup;
import java.io.IOException;
import java.io.PrintWriter;
import java.lang.management.ManagementFactory;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.common.KafkaException;

/** Examines the parts of an installation one after the other, from this machine. It changes nothing. */
final class DoctorChecks {
    /** The severity of a finding. */
    enum Grade {
        OK, WEAK, WRONG;

        String word() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * The result for one part of the installation.
     *
     * @param what  the part
     * @param found its state, and what to do about it
     */
    record Finding(Grade grade, String what, String found) {}

    private static final int SAFE_COPIES = 3;
    private static final long FAR_BEHIND = 10_000;
    private static final Duration LATELY = Duration.ofSeconds(30);
    private static final Duration CLOCKS = Duration.ofSeconds(5);
    private static final int MAX_NAMED = 10;
    private static final long OPEN_FILES = 65_536;
    private static final Duration HISTORY_ANSWERS = Duration.ofSeconds(5);

    private final Map<String, String> env;
    private final KafkaAccess kafka;
    private final PrintWriter err;
    private final List<Finding> findings = new ArrayList<>();

    DoctorChecks(Map<String, String> env, KafkaAccess kafka, PrintWriter err) {
        this.env = env;
        this.kafka = kafka;
        this.err = err;
    }

    /** Examines all parts. A part that cannot be examined is a finding, too. */
    List<Finding> findings() throws InterruptedException {
        try (var cluster = new ClusterView(kafka)) {
            if (isThere(cluster) && areTopicsRight()) {
                copies(cluster);
                cluster.groups().forEach(this::group);
                edges();
            }
        } catch (OperatorException | KafkaException e) {
            add(Grade.WRONG, "kafka", Program.explained(e));
        }
        history();
        openFiles();
        return findings;
    }

    private boolean isThere(ClusterView cluster) {
        try {
            var brokers = cluster.brokers();
            add(brokers == 1 ? Grade.WEAK : Grade.OK, "kafka", brokers == 1
                    ? "only one broker, at " + kafka.servers() + ": while it is away, nobody can post. Run three"
                    : brokers + " brokers, found through " + kafka.servers());
            return true;
        } catch (KafkaException e) {
            add(Grade.WRONG, "kafka", kafka.servers() + " does not answer: check KAFKA_BOOTSTRAP_SERVERS and the other"
                    + " KAFKA_ variables (" + Program.explained(e) + ")");
            return false;
        }
    }

    private boolean areTopicsRight() throws InterruptedException {
        try {
            var partitions = new TopicSetup(RouterConfig.ofTopics(env)).check().partitions();
            add(Grade.OK, "topics", "all topics exist and have the right settings; rooms are in " + partitions
                    + " partitions");
            return true;
        } catch (IllegalStateException | IllegalArgumentException e) {
            add(Grade.WRONG, "topics", String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void copies(ClusterView cluster) {
        var few = new ArrayList<String>();
        var topics = kafka.topics();
        for (var topic : List.of(topics.commands(), topics.events(), topics.state())) {
            var copies = cluster.topic(topic).partitions().stream().mapToInt(each -> each.replicas().size()).min()
                    .orElse(0);
            if (copies < SAFE_COPIES) few.add(topic + " has " + copies);
        }
        if (few.isEmpty()) add(Grade.OK, "copies", "commands, events and state have three copies or more");
        else
            add(Grade.WEAK, "copies",
                    String.join(", ", few) + ": with three copies and min.insync.replicas=2, the loss of a"
                            + " broker loses and stops nothing");
    }

    private void group(ClusterView.Group group) {
        var what = group.name();
        if (group.members() == 0)
            add(Grade.WRONG, what, "nobody reads " + group.topic()
                    + ": start a service. If one ended, its log says why");
        else if (group.most() > FAR_BEHIND)
            add(Grade.WRONG, what, group.most() + " records behind in a partition of " + group.topic()
                    + ": see `infra/rejoinctl lag --partitions`, and the log of the service that reads the partition");
        else
            add(Grade.OK, what, group.members() + " running, " + group.lag() + " records behind");
    }

    private void edges() {
        var heartbeats = Heartbeats.read(kafka, err);
        var heard = heartbeats.latest().stream().filter(each -> heartbeats.silence(each).compareTo(LATELY) < 0)
                .toList();
        var connections = heard.stream().mapToInt(each -> each.heartbeat().connections()).sum();
        var closed = heard.stream().map(Heartbeats.Heard::heartbeat)
                .filter(each -> !DrainChoice.isReady(each.status())).toList();
        if (heard.isEmpty())
            add(Grade.WRONG, "edges", "no edge sends heartbeats: start one. If one ended, its log says why");
        else
            add(grade(heard.size(), closed.size()), "edges", heard.size() + " with heartbeats, " + connections
                    + " connections"
                    + (heard.size() == 1 ? "; if it is lost, nobody can connect: start a second one" : "")
                    + closed(closed));
        clock(heartbeats.newest());
    }

    private static Grade grade(int heard, int closed) {
        if (closed == heard) return Grade.WRONG;
        return heard == 1 || closed > 0 ? Grade.WEAK : Grade.OK;
    }

    private static String closed(List<EdgeHeartbeat> closed) {
        if (closed.isEmpty()) return "";
        return "; these accept no connections: "
                + closed.stream().limit(MAX_NAMED).map(each -> each.edge().edge() + " (" + each.status() + ")")
                        .collect(Collectors.joining(", "))
                + (closed.size() > MAX_NAMED ? " and " + (closed.size() - MAX_NAMED) + " more" : "")
                + ". See their /health; `infra/rejoinctl drain EDGE --undo` lets a drained edge serve again";
    }

    /**
     * Compares this machine's clock with the broker's. Routers and edges append heartbeats all the time, and the broker
     * gives each its time.
     */
    private void clock(long newest) {
        var off = Duration.between(Instant.ofEpochMilli(newest), Instant.now());
        if (off.abs().compareTo(CLOCKS) < 0)
            add(Grade.OK, "clock", "differs from the broker's clock by less than " + CLOCKS.toSeconds() + " s");
        else
            add(Grade.WEAK, "clock", "the newest heartbeat is " + off.toSeconds() + " s old by this machine's clock:"
                    + " either no router and no edge runs, or the clocks differ. Tokens expire by the clocks of edges");
    }

    private void history() throws InterruptedException {
        var url = env.getOrDefault("EDGE_HISTORY_URL", "http://127.0.0.1:8090");
        try (var http = HttpClient.newBuilder().connectTimeout(HISTORY_ANSWERS).build()) {
            var request = HttpRequest.newBuilder(URI.create(url).resolve("/health")).timeout(HISTORY_ANSWERS).build();
            var answer = http.send(request, HttpResponse.BodyHandlers.ofString());
            var status = Json.MAPPER.readTree(answer.body()).path("status").asText();
            var isWell = answer.statusCode() == 200 && (status.isEmpty() || status.equals("ok"));
            add(isWell ? Grade.OK : Grade.WRONG, "history", url + " answers " + TerminalText.line(answer.body()));
        } catch (IOException | IllegalArgumentException e) {
            add(Grade.WRONG, "history",
                    url + " does not answer: check EDGE_HISTORY_URL, and history's log (" + e + ")");
        }
    }

    /** Checks this shell's limit of open files: a service started from this shell would have the same limit. */
    private void openFiles() {
        if (!(ManagementFactory.getOperatingSystemMXBean() instanceof UnixOperatingSystemMXBean unix)) return;
        var most = unix.getMaxFileDescriptorCount();
        if (most >= OPEN_FILES) add(Grade.OK, "open files", "a process of this shell may open " + most + " files");
        else
            add(Grade.WEAK, "open files",
                    "a process of this shell may open only " + most + " files, and each connection of an edge needs"
                            + " one: raise `ulimit -n`, LimitNOFILE= of systemd, or --ulimit nofile= of docker");
    }

    private void add(Grade grade, String what, String found) {
        findings.add(new Finding(grade, what, found));
    }
}
