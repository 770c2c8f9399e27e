package io.rejoin.edge;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

@AnalyzeClasses(packages = "io.rejoin", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule websocketDependsOnNoOtherLayer = noClasses().that().resideInAPackage("..edge.websocket..")
            .should()
            .dependOnClassesThat().resideInAnyPackage("..edge.session..", "..edge.fanout..", "..edge.room..",
                    "..edge.resume..", "..edge.liveness..", "..edge.command..", "..edge.auth..", "..contracts.log..",
                    "org.apache.kafka..");

    @ArchTest
    static final ArchRule onlyWebsocketAndOpsDependOnHelidon = noClasses().that()
            .resideInAnyPackage("..edge.session..", "..edge.fanout..", "..edge.room..", "..edge.resume..",
                    "..edge.liveness..", "..edge.command..", "..edge.auth..",
                    "..edge.link..")
            .should()
            .dependOnClassesThat().resideInAPackage("io.helidon..");

    @ArchTest
    static final ArchRule onlyFewPackagesDependOnKafka = noClasses().that()
            .resideInAPackage("io.rejoin.edge.*..").and()
            .resideOutsideOfPackages("..edge.command..", "..edge.fanout..", "..edge.link..", "..edge.liveness..")
            .should().dependOnClassesThat().resideInAPackage("org.apache.kafka..");

    @ArchTest
    static final ArchRule onlyFanoutAndLinkDependOnRouterFrames = noClasses().that()
            .resideInAPackage("io.rejoin.edge..").and()
            .resideOutsideOfPackages("io.rejoin.edge.fanout..", "io.rejoin.edge.link..").should()
            .dependOnClassesThat().resideInAPackage("io.rejoin.link..");

    /** The link only brings frames. The fan-out handles them. */
    @ArchTest
    static final ArchRule linkDependsOnNeitherSessionsNorSockets = noClasses().that()
            .resideInAPackage("io.rejoin.edge.link..").should().dependOnClassesThat()
            .resideInAnyPackage("..edge.session..", "..edge.command..", "..edge.auth..", "..edge.websocket..",
                    "..edge.ops..", "..edge.config..", "..edge.metrics..");

    @ArchTest
    static final ArchRule fanoutDependsOnFramesAndNotOnStreams = noClasses().that()
            .resideInAPackage("io.rejoin.edge.fanout..").should().dependOnClassesThat()
            .haveFullyQualifiedName("io.rejoin.link.RouterStream");

    @ArchTest
    static final ArchRule fanoutDoesNotDependOnSession = noClasses().that()
            .resideInAnyPackage("..edge.fanout..", "..edge.room..", "..edge.resume..", "..edge.liveness..").should()
            .dependOnClassesThat().resideInAnyPackage("..edge.session..", "..edge.command..", "..edge.auth..");

    @ArchTest
    static final ArchRule otherServicesAreNotUsed = noClasses().that().resideInAPackage("io.rejoin.edge..").should()
            .dependOnClassesThat()
            .resideInAnyPackage("io.rejoin.router..", "io.rejoin.history..", "io.rejoin.embedded..",
                    "io.rejoin.servers..");

    @ArchTest
    static final ArchRule timeIsInjected = noClasses().that().resideInAPackage("io.rejoin.edge..").should()
            .callMethod(Instant.class, "now").orShould().callMethod(System.class, "currentTimeMillis");

    /** OpenTelemetry's exceptions must not disturb the edge: {@code io.rejoin.tracing} catches them. */
    @ArchTest
    static final ArchRule openTelemetryIsNotUsedDirectly = noClasses().that().resideInAPackage("io.rejoin.edge..")
            .should().dependOnClassesThat()
            .resideInAPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule noCycles = slices().matching("io.rejoin.edge.(*)..").should().beFreeOfCycles();
}
