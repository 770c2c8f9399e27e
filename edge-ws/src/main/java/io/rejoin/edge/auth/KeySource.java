package io.rejoin.edge.auth;

import java.io.IOException;
import java.net.ConnectException;
import java.net.ProxySelector;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Reads a JWKS from a file or a URL. */
sealed interface KeySource extends AutoCloseable {
    /**
     * Reads the JWKS, within the source's limits of time and size.
     *
     * @throws IOException when the JWKS cannot be read; the message says why, in a few words
     */
    byte[] read() throws IOException, InterruptedException;

    /** Aborts a read that is in progress. */
    @Override
    default void close() {}

    /** A JWKS in a file. */
    record OfFile(Path path, int maxBytes) implements KeySource {
        @Override
        public byte[] read() throws IOException {
            try (var in = Files.newInputStream(path)) {
                var bytes = in.readNBytes(maxBytes + 1);
                if (bytes.length > maxBytes) throw tooLarge(maxBytes);
                return bytes;
            }
        }
    }

    /** A JWKS on an HTTP server. */
    record OfUrl(URI url, Duration timeout, int maxBytes, HttpClient http) implements KeySource {
        OfUrl(URI url, Duration timeout, int maxBytes) {
            this(url, timeout, maxBytes,
                    HttpClient.newBuilder().version(HttpClient.Version.HTTP_1_1).connectTimeout(timeout)
                            .proxy(ProxySelector.getDefault()).followRedirects(HttpClient.Redirect.NORMAL).build());
        }

        @Override
        public byte[] read() throws IOException, InterruptedException {
            var request = HttpRequest.newBuilder(url).timeout(timeout).header("Accept", "application/json").build();
            var response = await(send(request));
            if (response.statusCode() != 200) throw new IOException("the server answered " + response.statusCode());
            return response.body();
        }

        private CompletableFuture<HttpResponse<byte[]>> send(HttpRequest request) throws IOException {
            try {
                return http.sendAsync(request, BodyHandlers.limiting(BodyHandlers.ofByteArray(), maxBytes));
            } catch (RejectedExecutionException e) {
                throw new IOException("the edge is stopping", e); // this source is closed
            }
        }

        @Override
        public void close() {
            http.shutdownNow();
        }

        /** Waits for the whole answer. The request's own timeout covers only the headers. */
        private HttpResponse<byte[]> await(CompletableFuture<HttpResponse<byte[]>> answer)
                throws IOException, InterruptedException {
            try {
                return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
            } catch (TimeoutException e) {
                throw new IOException("no complete answer within " + timeout.toMillis() + " ms (EDGE_JWKS_TIMEOUT)", e);
            } catch (ExecutionException e) {
                throw reason(e);
            } finally {
                answer.cancel(true);
            }
        }

        private IOException reason(ExecutionException e) {
            var cause = Objects.requireNonNull(e.getCause());
            if (cause instanceof ConnectException) return new IOException("cannot connect", cause);
            if (String.valueOf(cause.getMessage()).contains("exceeds capacity")) return tooLarge(maxBytes);
            return cause instanceof IOException known ? known : new IOException(cause);
        }
    }

    private static IOException tooLarge(int maxBytes) {
        return new IOException("the JWKS is larger than " + maxBytes + " bytes (EDGE_JWKS_MAX_BYTES)");
    }
}
