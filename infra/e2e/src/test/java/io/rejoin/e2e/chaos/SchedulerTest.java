package io.rejoin.e2e.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.Collections;
import java.util.EnumSet;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SchedulerTest {
    private static final Duration TEN_MINUTES = Duration.ofMinutes(10);
    private static final Set<Kind> ALL = EnumSet.allOf(Kind.class);

    @Test
    void theSameSeedGivesTheSamePlanAndAnotherOneAnother() {
        assertThat(Scheduler.draw(7, TEN_MINUTES, ALL, 3)).isEqualTo(Scheduler.draw(7, TEN_MINUTES, ALL, 3));
        assertThat(Scheduler.draw(7, TEN_MINUTES, ALL, 3)).isNotEqualTo(Scheduler.draw(8, TEN_MINUTES, ALL, 3));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void tenMinutesHoldAHundredFaultsOfAllKindsAndBefallAllPartsAndLinks(long seed) {
        var plan = Scheduler.draw(seed, TEN_MINUTES, ALL, 3);

        assertThat(plan.steps()).hasSizeGreaterThanOrEqualTo(100);
        assertThat(plan.steps().stream().map(step -> step.fault().kind()).collect(Collectors.toSet())).isEqualTo(ALL);
        var befallen = plan.steps().stream().flatMap(step -> step.fault().needs().stream()).collect(Collectors.toSet());
        for (var part : Part.values()) assertThat(befallen).contains(part.label());
        for (var link : Link.values()) assertThat(befallen).contains(link.label());
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
    void nothingIsBefallenByTwoFaultsAtOnce(long seed) {
        var steps = Scheduler.draw(seed, TEN_MINUTES, ALL, 3).steps();
        for (var one : steps) {
            assertThat(one.end()).isLessThanOrEqualTo(TEN_MINUTES);
            assertThat(steps.stream().filter(other -> !other.equals(one) && !other.at().minus(one.at()).isNegative()
                    && other.at().compareTo(one.end()) < 0))
                    .allMatch(other -> Collections.disjoint(one.fault().needs(), other.fault().needs()));
        }
    }

    @Test
    void withOneLaneNothingOverlaps() {
        var steps = Scheduler.draw(1, TEN_MINUTES, ALL, 1).steps();
        assertThat(steps).hasSizeGreaterThan(20);
        for (var n = 1; n < steps.size(); n++)
            assertThat(steps.get(n).at()).isGreaterThanOrEqualTo(steps.get(n - 1).end().plusSeconds(10));
    }

    @Test
    void onlyTheKindsAskedForOccur() {
        assertThat(Scheduler.draw(1, TEN_MINUTES, Set.of(), 3).steps()).isEmpty();
        assertThat(Scheduler.draw(1, TEN_MINUTES, EnumSet.of(Kind.KILL, Kind.AWAY), 3).steps())
                .extracting(step -> step.fault().kind()).containsOnly(Kind.KILL, Kind.AWAY);
    }
}
