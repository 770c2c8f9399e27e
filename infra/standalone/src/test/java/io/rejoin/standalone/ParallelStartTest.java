package io.rejoin.standalone;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class ParallelStartTest {
    private record Part(String name, AtomicInteger closed) implements AutoCloseable {
        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }

    private final AtomicInteger closed = new AtomicInteger();

    @Test
    void resultsComeInTheOrderOfTheirStarts() {
        var parts = ParallelStart.<Part>start(List.of(() -> new Part("a", closed), () -> new Part("b", closed)));

        assertThat(parts).extracting(Part::name).containsExactly("a", "b");
        assertThat(closed).hasValue(0);
    }

    @Test
    void whenOneFailsTheOthersAreClosedAndTheFailureIsSeen() {
        Callable<Part> fails = () -> {
            throw new IllegalStateException("no room");
        };
        assertThatThrownBy(
                () -> ParallelStart.start(List.of(() -> new Part("a", closed), fails, () -> new Part("c", closed))))
                .isInstanceOf(IllegalStateException.class).hasMessage("no room");
        assertThat(closed).hasValue(2);
    }
}
