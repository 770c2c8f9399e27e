package io.rejoin.contracts;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.classes;
import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;

import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.junit.AnalyzeClasses;
import com.tngtech.archunit.junit.ArchTest;
import com.tngtech.archunit.lang.ArchRule;

@AnalyzeClasses(packages = "io.rejoin.contracts", importOptions = ImportOption.DoNotIncludeTests.class)
class ArchitectureTest {
    @ArchTest
    static final ArchRule onlyJsonAndNullness = classes().should().onlyDependOnClassesThat().resideInAnyPackage(
            "java..",
            "io.rejoin.contracts..", "com.fasterxml.jackson..", "org.jspecify.annotations..");

    @ArchTest
    static final ArchRule nothingDoesAnything = noClasses().that().resideOutsideOfPackage("..env..").should()
            .dependOnClassesThat().resideInAnyPackage("java.net..", "java.nio.file..", "java.util.concurrent..");

    @ArchTest
    static final ArchRule theEnvironmentIsOnlyRead = noClasses().that().resideInAPackage("..env..").should()
            .dependOnClassesThat().resideInAnyPackage("java.nio.file..", "java.util.concurrent..", "..contracts.log..",
                    "..contracts.client..");

    @ArchTest
    static final ArchRule theClientsProtocolKnowsNothingOfTheLog = noClasses().that().resideInAPackage("..client..")
            .should().dependOnClassesThat().resideInAPackage("..log..");
}
