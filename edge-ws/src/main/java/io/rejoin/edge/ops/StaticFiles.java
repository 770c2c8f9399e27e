package io.rejoin.edge.ops;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.RequestHead;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Serves the files below {@code web} on the class path. A browser caches them and revalidates each time, so that no old
 * client connects to an upgraded edge. Pages of any origin may load the client.
 */
final class StaticFiles {
    private static final Map<String, String> TYPES = Map.of("html", "text/html; charset=utf-8", "css",
            "text/css; charset=utf-8", "js", "text/javascript; charset=utf-8", "ts", "text/plain; charset=utf-8");
    /**
     * Matches no folder and nothing above {@code web}. The quantifiers are possessive: otherwise a path of a thousand
     * parts would take a thousand stack frames.
     */
    private static final Pattern PATH = Pattern.compile("(?:/[A-Za-z0-9_-]++)++(?:\\.d)?\\.(html|css|js|ts)");
    private static final String CLIENT = "/client/";
    private static final String INTEGRITY = "/client/integrity.json";
    private static final Pattern IMPORT = Pattern.compile("\\bfrom\\s+'\\./([A-Za-z0-9_-]+\\.js)'");

    /** Existing files by path. Only these are cached, so the number is limited. */
    private final ConcurrentMap<String, File> cache = new ConcurrentHashMap<>();

    /** A file with its answer and its ETag. */
    private record File(String etag, Answer answer, String text) {}

    Answer answer(String path, RequestHead request) {
        if (path.equals(INTEGRITY)) return allowAnyOrigin(Answer.json(200, Map.of("integrity", integrity())));
        var file = find(path);
        if (file == null)
            return Answer.refusal(RefusalCode.NOT_FOUND,
                    "there is nothing at this path: connect to /, /ws or /ws/{room}");
        return matchesCachedVersion(request, file.etag()) ? Answer.empty(304, file.answer().headers()) : file.answer();
    }

    /** The hash of each module, for the import map of a page that pins the client (HTML, section 8.1.5.2). */
    private Map<String, String> integrity() {
        var hashes = new TreeMap<String, String>();
        addIntegrity("rejoin.js", hashes);
        return new LinkedHashMap<>(hashes);
    }

    private void addIntegrity(String module, Map<String, String> hashes) {
        var file = find(CLIENT + module);
        if (file == null || hashes.containsKey(CLIENT + module)) return;
        hashes.put(CLIENT + module, "sha384-" + hash("SHA-384", file.text().getBytes(UTF_8)));
        IMPORT.matcher(file.text()).results().forEach(match -> addIntegrity(match.group(1), hashes));
    }

    private @Nullable File find(String path) {
        var file = cache.get(path);
        if (file != null) return file;
        var read = read(path);
        if (read != null) cache.put(path, read);
        return read;
    }

    private static @Nullable File read(String path) {
        var match = PATH.matcher(path);
        if (!match.matches()) return null;
        try (var in = StaticFiles.class.getResourceAsStream("/web" + path)) {
            if (in == null) return null;
            var bytes = in.readAllBytes();
            var etag = '"' + hash("SHA-256", bytes) + '"';
            var headers = new LinkedHashMap<String, String>();
            headers.put("Content-Type", TYPES.getOrDefault(match.group(1), "application/octet-stream"));
            headers.put("ETag", etag);
            headers.put("Cache-Control", "no-cache"); // means: cache, but revalidate each time
            headers.put("X-Content-Type-Options", "nosniff");
            var answer = Answer.of(200, headers, bytes);
            return new File(etag, path.startsWith(CLIENT) ? allowAnyOrigin(answer) : answer, new String(bytes, UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException("reading a file of the class path", e);
        }
    }

    private static Answer allowAnyOrigin(Answer answer) {
        return answer.with("Access-Control-Allow-Origin", "*").with("Cross-Origin-Resource-Policy", "cross-origin");
    }

    /** Whether the client has this version (RFC 9110, section 13.1.2). A compressing proxy makes an ETag weak. */
    private static boolean matchesCachedVersion(RequestHead request, String etag) {
        return request.all("If-None-Match").stream().flatMap(value -> Arrays.stream(value.split(",", -1)))
                .map(String::strip)
                .anyMatch(tag -> tag.equals("*") || tag.equals(etag) || tag.equals("W/" + etag));
    }

    private static String hash(String algorithm, byte[] bytes) {
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance(algorithm).digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK lacks " + algorithm, e);
        }
    }
}
