package io.rejoin.contracts.env;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class StartupResourcesTest {
    private final List<String> closed = new ArrayList<>();

    private AutoCloseable part(String name) {
        return () -> closed.add(name);
    }

    private static AutoCloseable stuck(String why) {
        return () -> {
            throw new IllegalStateException(why);
        };
    }

    @Test
    void aStartThatFailsClosesWhatItHasOpenedTheLastFirst() {
        assertThatThrownBy(() -> {
            try (var opened = new StartupResources()) {
                opened.add(part("metrics"));
                opened.endBy(() -> closed.add("keys"));
                opened.add(part("tracing"));
                throw new IllegalStateException("the port is taken");
            }
        }).hasMessage("the port is taken");
        assertThat(closed).containsExactly("tracing", "keys", "metrics");
    }

    @Test
    void whatIsKeptStaysOpen() {
        try (var opened = new StartupResources()) {
            opened.add(part("metrics"));
            opened.keep();
        }
        assertThat(closed).isEmpty();
    }

    @Test
    void onePartThatFailsCostsNoOther() {
        var opened = new StartupResources();
        opened.add(part("metrics"));
        opened.add(stuck("second"));
        opened.add(stuck("first"));
        opened.add(part("tracing"));

        assertThatThrownBy(opened::close).hasMessage("first")
                .satisfies(failure -> assertThat(failure.getSuppressed()).singleElement()
                        .satisfies(other -> assertThat(other).hasMessage("second")));
        opened.close();
        assertThat(closed).containsExactly("tracing", "metrics");
    }

    @Test
    void anInterruptWaitsUntilAllIsClosed() {
        var seen = new ArrayList<Boolean>();
        var opened = new StartupResources();
        opened.endBy(() -> seen.add(Thread.currentThread().isInterrupted()));
        Thread.currentThread().interrupt();

        opened.close();

        assertThat(Thread.interrupted()).isTrue();
        assertThat(seen).containsExactly(false);
    }
}
