package io.rejoin.history;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;
import java.time.Instant;

@AnalyzeClasses(packages = "io.rejoin.history", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule theStoreDependsNeitherOnKafkaNorOnHttp = noClasses().that().resideInAPackage("..store..")
            .should().dependOnClassesThat()
            .resideInAnyPackage("org.apache.kafka..", "io.helidon..", "io.rejoin.contracts.log..");

    @ArchTest
    static final ArchRule theApiDependsNeitherOnKafkaNorOnSql = noClasses().that().resideInAPackage("..api..").should()
            .dependOnClassesThat().resideInAnyPackage("org.apache.kafka..", "java.sql..", "io.rejoin.history.ingest..");

    @ArchTest
    static final ArchRule theIngestDependsNeitherOnHttpNorOnSql = noClasses().that().resideInAPackage("..ingest..")
            .should().dependOnClassesThat().resideInAnyPackage("io.helidon..", "java.sql..", "io.rejoin.history.api..");

    @ArchTest
    static final ArchRule noWallClock = noClasses().should().callMethod(Instant.class, "now").orShould()
            .callMethod(System.class, "currentTimeMillis");

    /** Exceptions of OpenTelemetry must not reach history's work: {@code io.rejoin.tracing} catches them. */
    @ArchTest
    static final ArchRule openTelemetryIsUsedOnlyThroughTracing = noClasses().should().dependOnClassesThat()
            .resideInAPackage("io.opentelemetry..");

    @ArchTest
    static final ArchRule noCycles = slices().matching("io.rejoin.history.(*)..").should().beFreeOfCycles();
}
