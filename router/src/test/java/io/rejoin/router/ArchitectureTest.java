package io.rejoin.router;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import io.rejoin.contracts.SaltedHash;
import java.time.Clock;
import java.time.Instant;
import java.util.random.RandomGenerator;

@AnalyzeClasses(packages = "io.rejoin.router", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule coreDependsOnNoInfrastructure = noClasses().that().resideInAPackage("..core..").should()
            .dependOnClassesThat().resideInAnyPackage("org.apache.kafka..", "org.slf4j..", "java.util.concurrent..",
                    "java.nio.file..", "java.net..", "io.rejoin.router.kafka..", "io.rejoin.router.shard..",
                    "io.rejoin.router.partition..",
                    "io.rejoin.router.checkpoint..", "io.rejoin.router.liveness..", "io.rejoin.router.link..",
                    "io.rejoin.router.metrics..", "io.rejoin.router.topics..", "io.rejoin.router.ops..",
                    "io.micrometer..",
                    "io.rejoin.metrics..");

    @ArchTest
    static final ArchRule coreUsesNeitherClockNorRandomness = noClasses().that().resideInAPackage("..core..").should()
            .dependOnClassesThat().areAssignableTo(RandomGenerator.class).orShould().dependOnClassesThat()
            .areAssignableTo(Clock.class).orShould().callMethod(Instant.class, "now").orShould()
            .callMethod(System.class, "nanoTime").orShould().callMethod(System.class, "currentTimeMillis");

    /** A salted hash differs between processes, so two routers must not decide by it. */
    @ArchTest
    static final ArchRule onlyTheDuplicateWindowUsesSaltedHashes = noClasses().that().resideInAPackage("..core..").and()
            .doNotHaveSimpleName("DuplicateWindow").should().dependOnClassesThat().areAssignableTo(SaltedHash.class);

    @ArchTest
    static final ArchRule noWallClockAnywhere = noClasses().should().callMethod(Instant.class, "now").orShould()
            .callMethod(System.class, "currentTimeMillis");

    @ArchTest
    static final ArchRule onlyOpsUsesHelidon = noClasses().that().resideOutsideOfPackage("..ops..").should()
            .dependOnClassesThat().resideInAPackage("io.helidon..");

    /** Exceptions of OpenTelemetry must not reach this code: {@code io.rejoin.tracing} catches them. */
    @ArchTest
    static final ArchRule nothingUsesOpenTelemetryDirectly = noClasses().should().dependOnClassesThat()
            .resideInAPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule noCycles = slices().matching("io.rejoin.router.(*)..").should().beFreeOfCycles();
}
