package io.rejoin.servers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ChoiceTest {
    private static final Versions VERSIONS = new Versions("4.4.0", "18.6.0");
    private static final String KAFKA = "apache/kafka:4.4.0";
    private static final String POSTGRES = "postgres:18";

    /** An engine that has some images and can pull others from a registry. */
    private static final class KnownEngine implements Engine {
        private final Set<String> images;
        private final Set<String> registry;
        private final List<String> pulled = new ArrayList<>();

        KnownEngine(Set<String> images, Set<String> registry) {
            this.images = images;
            this.registry = registry;
        }

        @Override
        public String version() {
            return "28.0";
        }

        @Override
        public boolean has(String image) {
            return images.contains(image);
        }

        @Override
        public boolean pull(String image) {
            pulled.add(image);
            return registry.contains(image);
        }
    }

    private static final class NoEngine implements Engine {
        @Override
        public String version() throws NoneException {
            throw new NoneException("no Docker engine answers");
        }

        @Override
        public boolean has(String image) {
            throw new AssertionError("nobody answers");
        }

        @Override
        public boolean pull(String image) {
            throw new AssertionError("nobody answers");
        }
    }

    private static Choice choose(Map<String, String> environment, Engine engine) {
        return Choice.of(ServersRequest.from(environment), VERSIONS, engine);
    }

    @Test
    void withoutAnEngineServersAreEmbeddedAndTheReasonIsSaid() {
        var choice = choose(Map.of(), new NoEngine());

        assertThat(choice).isEqualTo(new Choice.Embedded(VERSIONS, "no Docker engine answers"));
        assertThat(choice.text()).contains("embedded Kafka 4.4.0", "PostgreSQL 18.6.0", "no Docker engine answers",
                "-Drejoin.servers=containers");
    }

    @Test
    void standInsThatAreThereComeFirst() {
        var both = Set.of(Choice.STAND_IN_KAFKA, Choice.STAND_IN_POSTGRES, KAFKA, POSTGRES);
        var engine = new KnownEngine(both, Set.of());
        var choice = choose(Map.of(), engine);

        assertThat(choice).isEqualTo(
                new Choice.Containers(Choice.STAND_IN_KAFKA, Choice.STAND_IN_POSTGRES, "Docker 28.0 answers"));
        assertThat(choice.text()).contains(Choice.STAND_IN_KAFKA, Choice.STAND_IN_POSTGRES, "Docker 28.0 answers",
                "-Drejoin.servers=embedded");
        assertThat(engine.pulled).isEmpty();
    }

    @Test
    void publicImagesArePulledWhereThereAreNoStandIns() {
        var engine = new KnownEngine(Set.of(POSTGRES), Set.of(KAFKA));

        assertThat(choose(Map.of(), engine)).isInstanceOfSatisfying(Choice.Containers.class, choice -> {
            assertThat(choice.kafkaImage()).isEqualTo(KAFKA);
            assertThat(choice.postgresImage()).isEqualTo(POSTGRES);
        });
        assertThat(engine.pulled).containsExactly(KAFKA);
    }

    @Test
    void imagesThatNobodyHasLeaveEmbeddedServers() {
        assertThat(choose(Map.of(), new KnownEngine(Set.of(POSTGRES), Set.of())).text())
                .contains("embedded", KAFKA, Choice.STAND_IN_KAFKA, "cannot pull one");
    }

    @Test
    void imagesThatAreNamedAreTaken() {
        var named = Map.of(ServersRequest.KAFKA_IMAGE, "my/kafka:1", ServersRequest.POSTGRES_IMAGE, "my/postgres:2");
        var engine = new KnownEngine(Set.of("my/kafka:1", KAFKA), Set.of("my/postgres:2", POSTGRES));

        assertThat(choose(named, engine))
                .isEqualTo(new Choice.Containers("my/kafka:1", "my/postgres:2", "Docker 28.0 answers"));
    }

    @Test
    void containersThatAreAskedForAndCannotBeHadFail() {
        var asked = Map.of(ServersRequest.SERVERS, "containers");

        assertThatThrownBy(() -> choose(asked, new NoEngine())).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("no Docker engine answers").hasMessageContaining("infra/images/engine");
        assertThatThrownBy(() -> choose(asked, new KnownEngine(Set.of(), Set.of())))
                .isInstanceOf(IllegalStateException.class).hasMessageContaining(KAFKA)
                .hasMessageContaining("infra/images/stand-ins/build");
    }

    @Test
    void embeddedServersThatAreAskedForAskNoEngine() {
        assertThat(choose(Map.of(ServersRequest.SERVERS, "embedded"), new NoEngine()))
                .isEqualTo(new Choice.Embedded(VERSIONS, "they are requested"));
    }

    @Test
    void anotherWishIsRefused() {
        assertThatThrownBy(() -> ServersRequest.from(Map.of(ServersRequest.SERVERS, "docker")))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("containers, embedded or auto, not docker");
    }

    @Test
    void whoIsAliveKeepsItsContainers() {
        assertThat(Owner.isAlive(Owner.labels())).isTrue();
        var earlier = Map.of(Owner.PROCESS, ProcessHandle.current().pid() + "@1");
        assertThat(Owner.isAlive(earlier)).as("its number was used again").isFalse();
        assertThat(Owner.isAlive(Map.of(Owner.PROCESS, "nonsense"))).isFalse();
    }

    @Test
    void theVersionsAreThoseOfTheBuild() {
        var versions = Versions.ofThisBuild();

        assertThat(versions.kafkaImage()).matches("apache/kafka:\\d+\\.\\d+\\.\\d+");
        assertThat(versions.postgresImage()).matches("postgres:\\d+");
    }
}
