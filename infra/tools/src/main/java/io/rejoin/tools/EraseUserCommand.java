package io.rejoin.tools;

import com.fasterxml.jackson.databind.JsonNode;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.ReplayCodec;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/**
 * The command {@code infra/rejoinctl erase-user}: erases a user's messages through history's API, and waits until that
 * is done.
 */
@Command(name = "erase-user", sortOptions = false, usageHelpWidth = 100, mixinStandardHelpOptions = true, version = "Rejoin 0.1.0", description = {
        "Erases all messages that a user posted, and all messages in the user's personal room. Nobody can",
        "restore them. Their seqs and times stay. Topics and backups hold the originals until they expire.",
        "Waits until everything is erased. Ctrl-C does not stop the erasure.",
        "Asks history at EDGE_HISTORY_URL, with the secret EDGE_HISTORY_SECRET or HISTORY_API_SECRET."})
final class EraseUserCommand implements Callable<Integer> {
    private static final Duration ANSWER = Duration.ofSeconds(15);
    private static final Duration PAUSE = Duration.ofSeconds(1);

    @Parameters(paramLabel = "USER", description = "The user's name, as in tokens")
    private String user = "";

    @Option(names = "--tenant", paramLabel = "T", defaultValue = "default", description = "The user's tenant. Default: ${DEFAULT-VALUE}")
    private String tenant = "default";

    @Option(names = "--yes", description = "Starts the erasure. Without --yes, nothing is erased")
    private boolean meant;

    @Option(names = "--status", description = "Only shows the progress of an erasure")
    private boolean status;

    @Mixin
    private final OutputFormat form = new OutputFormat();

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli
    private CommandSpec spec;

    private final Map<String, String> env;

    EraseUserCommand(Map<String, String> env) {
        this.env = env;
    }

    @Override
    public Integer call() throws InterruptedException {
        if (meant == status) throw wrong("give --yes to erase " + id().key() + ", or --status to see the progress");
        try (var http = HttpClient.newBuilder().connectTimeout(ANSWER).build()) {
            var answer = ask(http, meant ? "DELETE" : "GET");
            while (meant && !isDone(answer)) {
                spec.commandLine().getErr().println(
                        Math.round(answer.path("progress").doubleValue() * 100) + "% of all messages are checked");
                Thread.sleep(PAUSE);
                answer = ask(http, "GET");
            }
            show(answer);
            return isDone(answer) ? 0 : 1;
        } catch (IOException e) {
            throw new OperatorException("history at " + url() + " does not answer: check EDGE_HISTORY_URL (" + e + ")."
                    + " An erasure that has started continues; --status shows its progress");
        }
    }

    private static boolean isDone(JsonNode answer) {
        return answer.path("state").asText().equals("done");
    }

    private void show(JsonNode answer) {
        var rows = new Rows(spec.commandLine().getOut(), form.isJson(), "user", "state", "messages", "until");
        rows.add(answer.path("user").asText(), answer.path("state").asText(), answer.path("messages").longValue(),
                Instant.ofEpochMilli(answer.path("until").longValue()).toString());
        rows.end();
    }

    private JsonNode ask(HttpClient http, String method) throws IOException, InterruptedException {
        var request = HttpRequest.newBuilder(url()).method(method, HttpRequest.BodyPublishers.noBody()).timeout(ANSWER);
        var secret = secret();
        if (secret != null) request.header("Authorization", "Bearer " + secret);
        var answer = http.send(request.build(), HttpResponse.BodyHandlers.ofString());
        if (answer.statusCode() == 200 || answer.statusCode() == 202) return Json.MAPPER.readTree(answer.body());
        throw new OperatorException("history refuses the request, with status " + answer.statusCode() + ": "
                + TerminalText.line(answer.body())
                + (answer.statusCode() == 401 ? "; check EDGE_HISTORY_SECRET" : ""));
    }

    private URI url() {
        var id = id();
        try {
            var base = new URI(env.getOrDefault("EDGE_HISTORY_URL", "http://127.0.0.1:8090"));
            return base.resolve(new URI(null, null, ReplayCodec.USERS_PATH + id.key(), null).getRawPath());
        } catch (URISyntaxException | IllegalArgumentException e) {
            throw wrong("EDGE_HISTORY_URL is not a URL: " + e.getMessage());
        }
    }

    private UserId id() {
        try {
            return new UserId(tenant, user);
        } catch (IllegalArgumentException e) {
            throw wrong(Objects.requireNonNullElse(e.getMessage(), "the user's name is not valid"));
        }
    }

    private @Nullable String secret() {
        var ofEdges = env.get("EDGE_HISTORY_SECRET");
        return ofEdges == null ? env.get("HISTORY_API_SECRET") : ofEdges;
    }

    private ParameterException wrong(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
