package io.rejoin.e2e;

import io.rejoin.embedded.EmbeddedKafka;
import io.rejoin.embedded.Ports;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ScramCredentialInfo;
import org.apache.kafka.clients.admin.ScramMechanism;
import org.apache.kafka.clients.admin.UserScramCredentialUpsertion;
import org.apache.kafka.common.acl.AclBinding;

/**
 * A broker that requires TLS and a password and allows only what its ACLs permit. The test itself uses a listener of
 * its own, where everything is allowed.
 */
final class GuardedBroker implements AutoCloseable {
    private static final String PASSWORD = "of a test";
    private static final int ITERATIONS = 4096;

    private final Path folder;
    private final EmbeddedKafka kafka;
    private final int guarded;
    private final Admin admin;

    GuardedBroker(Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        certificate();
        guarded = Ports.free();
        kafka = EmbeddedKafka.start(folder.resolve("kafka"), 0,
                List.of(new EmbeddedKafka.Listener("GUARDED", guarded, guarded, "SASL_SSL")),
                Map.of("authorizer.class.name", "org.apache.kafka.metadata.authorizer.StandardAuthorizer",
                        "allow.everyone.if.no.acl.found", "false", "super.users", "User:ANONYMOUS",
                        "sasl.enabled.mechanisms", "SCRAM-SHA-512",
                        "listener.name.guarded.scram-sha-512.sasl.jaas.config",
                        "org.apache.kafka.common.security.scram.ScramLoginModule required;",
                        "ssl.keystore.type", "PKCS12", "ssl.keystore.location", keystore().toString(),
                        "ssl.keystore.password", PASSWORD));
        admin = Admin.create(Map.of("bootstrap.servers", kafka.bootstrapServers()));
    }

    private Path keystore() {
        return folder.resolve("broker.p12");
    }

    private Path ca() {
        return folder.resolve("ca.pem");
    }

    private void certificate() throws IOException, InterruptedException {
        keytool("-genkeypair", "-keyalg", "EC", "-dname", "CN=broker", "-ext", "san=ip:127.0.0.1", "-validity", "10");
        keytool("-exportcert", "-rfc", "-file", ca().toString());
    }

    private void keytool(String command, String... more) throws IOException, InterruptedException {
        var line = new ArrayList<String>();
        line.add(Path.of(System.getProperty("java.home"), "bin", "keytool").toString());
        line.addAll(List.of(command, "-alias", "broker", "-keystore", keystore().toString(), "-storetype", "PKCS12",
                "-storepass", PASSWORD));
        line.addAll(List.of(more));
        var output = folder.resolve("keytool.log");
        var status = new ProcessBuilder(line).redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(output.toFile())).start().waitFor();
        if (status != 0) throw new IllegalStateException("keytool: " + Files.readString(output));
    }

    Admin admin() {
        return admin;
    }

    /** Bootstrap servers of the listener where everything is allowed. */
    String open() {
        return kafka.bootstrapServers();
    }

    /** Creates users, all with the same password, and these ACLs. */
    void allow(List<String> users, List<AclBinding> acls) throws ExecutionException, InterruptedException {
        var upsertions = users.stream().map(user -> new UserScramCredentialUpsertion(user,
                new ScramCredentialInfo(ScramMechanism.SCRAM_SHA_512, ITERATIONS), PASSWORD)).toList();
        admin.alterUserScramCredentials(List.copyOf(upsertions)).all().get();
        admin.createAcls(acls).all().get();
    }

    /** The environment variables with which a service connects as that user. */
    Map<String, String> environment(String user) throws IOException {
        var jaas = folder.resolve("jaas-" + user);
        Files.writeString(jaas, "org.apache.kafka.common.security.scram.ScramLoginModule required username=\"" + user
                + "\" password=\"" + PASSWORD + "\";\n");
        return new HashMap<>(Map.of("KAFKA_BOOTSTRAP_SERVERS", "127.0.0.1:" + guarded, "KAFKA_SECURITY_PROTOCOL",
                "SASL_SSL", "KAFKA_SASL_MECHANISM", "SCRAM-SHA-512", "KAFKA_SASL_JAAS_CONFIG_FILE", jaas.toString(),
                "KAFKA_SSL_TRUSTSTORE_TYPE", "PEM", "KAFKA_SSL_TRUSTSTORE_LOCATION", ca().toString()));
    }

    @Override
    public void close() {
        admin.close();
        kafka.close();
    }
}
