package io.rejoin.resilience;

import static io.rejoin.resilience.Hysteresis.RELIABLE_AFTER;
import static io.rejoin.resilience.Hysteresis.UNRELIABLE_AFTER;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class DependencyTest {
    private long now = 100;
    private @Nullable String problem;

    @Test
    void aProblemIsReportedAtOnceAndCountsWhenItLasts() {
        var dependency = Dependency.reliable("kafka", () -> problem, now);
        assertThat(dependency.state()).isEqualTo(new Dependency.State(null, 100, true, false));
        problem = "no answer";
        var began = update(dependency, Duration.ofSeconds(1));
        assertThat(dependency.state()).isEqualTo(new Dependency.State("no answer", began, true, false));
        assertThat(dependency.state().isHealthy()).isFalse();
        update(dependency, UNRELIABLE_AFTER);
        assertThat(dependency.state()).isEqualTo(new Dependency.State("no answer", began, false, false));
    }

    @Test
    void aProblemAtTheBeginningIsReportedAtOnce() {
        problem = "no key read yet";
        var dependency = Dependency.reliable("keys", () -> problem, now);
        assertThat(dependency.state()).isEqualTo(new Dependency.State("no key read yet", 100, true, false));
        update(dependency, UNRELIABLE_AFTER);
        assertThat(dependency.state().isReliable()).isFalse();
    }

    @Test
    void afterAProblemADependencyIsHealthyOnceItIsReliable() {
        var dependency = Dependency.reliable("kafka", () -> problem, now);
        problem = "no answer";
        update(dependency, Duration.ofSeconds(1));
        update(dependency, UNRELIABLE_AFTER);
        problem = null;
        update(dependency, Duration.ofSeconds(1));
        assertThat(dependency.state().isHealthy()).isFalse();
        update(dependency, RELIABLE_AFTER);
        assertThat(dependency.state().isHealthy()).isTrue();
    }

    @Test
    void anUnprovenDependencyIsReliableFromItsFirstHealthyCheck() {
        problem = "no stream yet";
        var dependency = Dependency.unproven("routers", () -> problem, now);
        assertThat(dependency.state()).isEqualTo(new Dependency.State("no stream yet", 100, false, true));
        assertThat(dependency.isStarting(now)).isTrue();
        update(dependency, UNRELIABLE_AFTER);
        assertThat(dependency.isStarting(now)).isFalse();
        assertThat(dependency.state().isUnproven()).isTrue();
        problem = null;
        update(dependency, Duration.ofMillis(1));
        assertThat(dependency.state().isHealthy()).isTrue();
        assertThat(dependency.state().isUnproven()).isFalse();
    }

    private long update(Dependency dependency, Duration later) {
        now += later.toNanos();
        dependency.update(now);
        return now;
    }
}
