package io.rejoin.listener.tls;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rejoin.listener.ConnectionBudget;
import io.rejoin.listener.Deadlines;
import io.rejoin.listener.Listener;
import io.rejoin.listener.http.Answer;
import io.rejoin.listener.http.Http;
import io.rejoin.listener.http.RequestHead;
import io.rejoin.listener.http.Site;
import io.rejoin.listener.http.Wire;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TlsIT {
    private static final Duration LONG = Duration.ofSeconds(30);
    private static final Duration SHORT = Duration.ofMillis(400);
    private static final Duration HOUR = Duration.ofHours(1);
    private static final byte[] LARGE = "0123456789abcdef".repeat(64 * 1024).getBytes(UTF_8);

    @TempDir
    private Path folder;
    private final Queue<Throwable> fatal = new ConcurrentLinkedQueue<>();
    private CertificateFiles certificate;
    private Listener listener;

    @BeforeEach
    void begin() throws IOException {
        start("ec.pem", "ec.key", Deadlines.USUAL);
    }

    @AfterEach
    void end() {
        listener.close();
        assertThat(fatal).isEmpty();
        assertThat(listener.connections()).isZero();
    }

    @ParameterizedTest
    @CsvSource({"rsa.pem, rsa.key, TLSv1.2", "rsa.pem, rsa.key, TLSv1.3", "ec.pem, ec.key, TLSv1.2",
            "ec.pem, ec.key, TLSv1.3",
            "ed25519.pem, ed25519.key, TLSv1.3"})
    void itSpeaksTls(String certificateName, String key, String version) throws Exception {
        listener.close();
        start(certificateName, key, Deadlines.USUAL);
        try (var client = client()) {
            client.setEnabledProtocols(new String[]{version});
            assertThat(get(client, "/hello")).startsWith("HTTP/1.1 200 ").endsWith("hello");
            assertThat(client.getSession().getProtocol()).isEqualTo(version);
        }
        assertThat(certificate.count(TlsHandshake.DONE)).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.1", "TLSv1"})
    void oldVersionsAreRefused(String version) throws Exception {
        try (var client = client()) {
            client.setEnabledProtocols(new String[]{version});
            assertThatThrownBy(client::startHandshake).isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void anAnswerOfManyRecordsComesWholeAndEndsInOrder() throws Exception {
        try (var client = client()) {
            assertThat(get(client, "/large")).endsWith(new String(LARGE, ISO_8859_1)); // a cut stream would throw
        }
    }

    @Test
    void browsersAreToldWhichProtocol() throws Exception {
        try (var client = client()) {
            var parameters = client.getSSLParameters();
            parameters.setApplicationProtocols(new String[]{"h2", "http/1.1"});
            client.setSSLParameters(parameters);
            client.startHandshake();
            assertThat(client.getApplicationProtocol()).isEqualTo("http/1.1");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"GET /hello HTTP/1.1\r\nHost: localhost\r\n\r\n", "G", "\r\n", "\0"})
    void whoSpeaksNoTlsIsTold(String request) throws IOException {
        var answer = Wire.ask(listener.port(), request);
        assertThat(answer.status()).isEqualTo(400);
        assertThat(answer.code()).isEqualTo("bad_request");
        assertThat(answer.body()).contains("https://", "wss://");
        assertThat(certificate.count(TlsHandshake.PLAIN)).isOne();
    }

    @ParameterizedTest
    @ValueSource(strings = {"\u0016", "\u0016\u0003\u0001\u0002\u0000\u0001",
            "\u0016garbage that is long enough to be a record"})
    void aBrokenHandshakeEnds(String bytes) throws Exception {
        listener.close();
        start("ec.pem", "ec.key", new Deadlines(SHORT, HOUR, HOUR, HOUR));
        try (var wire = new Wire(listener.port())) {
            wire.send(bytes);
            await().atMost(LONG).untilAsserted(() -> assertThat(certificate.count(TlsHandshake.FAILED)).isOne());
            awaitEmpty();
        }
        try (var client = client()) {
            assertThat(get(client, "/hello")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void aClientThatSaysNothingEnds() throws Exception {
        listener.close();
        start("ec.pem", "ec.key", new Deadlines(SHORT, HOUR, HOUR, HOUR));
        try (var silent = new Socket(InetAddress.getLoopbackAddress(), listener.port())) {
            silent.setSoTimeout((int) LONG.toMillis());
            assertThat(silent.getInputStream().read()).isEqualTo(-1);
            awaitEmpty();
        }
    }

    @Test
    void anAnswerThatIsNotReadEnds() throws Exception {
        listener.close();
        start("ec.pem", "ec.key", new Deadlines(HOUR, HOUR, HOUR, SHORT));
        try (var client = client()) {
            for (var each = 0; each < 40; each++) client.getOutputStream().write(request("/large", "").getBytes(UTF_8));
            awaitEmpty();
        }
    }

    @Test
    void aRenewedCertificateIsShownToNewConnectionsAndOldOnesGoOn() throws Exception {
        try (var before = client()) {
            assertThat(shown(before).getPublicKey().getAlgorithm()).isEqualTo("EC");
            Pem.put(folder, "rsa.pem", "rsa.key");
            certificate.readAgain();
            try (var after = client()) {
                assertThat(shown(after).getPublicKey().getAlgorithm()).isEqualTo("RSA");
            }
            assertThat(get(before, "/hello")).startsWith("HTTP/1.1 200 ");
        }
    }

    @Test
    void requestsUnderWayEndBeforeItStops() throws Exception {
        var clients = new ArrayList<SSLSocket>();
        for (var each = 0; each < 20; each++) clients.add(client());
        for (var client : clients) client.startHandshake();
        listener.close();
        for (var client : clients) {
            assertThat(client.getInputStream().read()).isEqualTo(-1); // an orderly end of the stream
            client.close();
        }
    }

    private void start(String certificateName, String key, Deadlines deadlines) throws IOException {
        certificate = CertificateFiles.read(Pem.put(folder, certificateName, key), HOUR, Clock.systemUTC());
        listener = new Listener("127.0.0.1", 0,
                new Listener.Limits(new ConnectionBudget(0, 100), deadlines, Duration.ofSeconds(5)), certificate,
                new Http(TlsIT::answer), fatal::add);
        listener.start();
    }

    private static void answer(RequestHead request, Site.Reply reply) {
        var body = request.path().equals("/large") ? LARGE : request.path().substring(1).getBytes(UTF_8);
        reply.send(Answer.of(200, Map.of(), body));
    }

    private SSLSocket client() throws IOException {
        var client = (SSLSocket) Pem.trusting("rsa.pem", "ec.pem", "ed25519.pem").getSocketFactory().createSocket(
                InetAddress.getLoopbackAddress(),
                listener.port());
        var parameters = client.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        client.setSSLParameters(parameters);
        client.setSoTimeout((int) LONG.toMillis());
        return client;
    }

    private static X509Certificate shown(SSLSocket client) throws IOException {
        client.startHandshake();
        return (X509Certificate) client.getSession().getPeerCertificates()[0];
    }

    private static String get(SSLSocket client, String path) throws IOException {
        client.getOutputStream().write(request(path, "Connection: close\r\n").getBytes(UTF_8));
        return new String(client.getInputStream().readAllBytes(), ISO_8859_1);
    }

    private static String request(String path, String headers) {
        return "GET " + path + " HTTP/1.1\r\nHost: localhost\r\n" + headers + "\r\n";
    }

    private void awaitEmpty() {
        await().atMost(LONG).untilAsserted(() -> assertThat(listener.connections()).isZero());
    }
}
