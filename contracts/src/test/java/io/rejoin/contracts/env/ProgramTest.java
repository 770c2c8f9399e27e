package io.rejoin.contracts.env;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class ProgramTest {
    private static final Settings NOTHING_SET = new Settings(Map.of());

    private final List<Integer> ends = new ArrayList<>();
    private final Program program = new Program("test", new LogSettings("WARN", false), ends::add);

    private static Program.Start<Integer> failing(RuntimeException e) {
        return _ -> {
            throw e;
        };
    }

    @Test
    void aConfigurationThatCannotBeUsedEndsWith2() {
        program.start(NOTHING_SET, _ -> {
            throw new IllegalArgumentException("PORT is wrong");
        }, _ -> () -> {});

        assertThat(ends).containsExactly(2);
    }

    @Test
    void soDoesOneThatIsFoundOutLater() {
        program.start(NOTHING_SET, _ -> 1, failing(new ConfigException("no such file")));

        assertThat(ends).containsExactly(2);
    }

    @Test
    void aStartThatFailsEndsWith1() {
        program.start(NOTHING_SET, _ -> 1, failing(new IllegalStateException("Kafka is away")));

        assertThat(ends).containsExactly(1);
    }

    @Test
    void soDoesOneThatDiesOfAnError() {
        program.start(NOTHING_SET, _ -> 1, _ -> {
            throw new OutOfMemoryError("a test");
        });

        assertThat(ends).containsExactly(1);
    }

    @Test
    void aStopInGoodOrderEndsWith0() {
        var closed = new ArrayList<String>();
        program.start(NOTHING_SET, _ -> 1, _ -> () -> closed.add("closed"));

        program.stop();

        assertThat(closed).containsExactly("closed");
        assertThat(ends).containsExactly(0);
    }

    @Test
    void aStopThatFailsEndsWith1() {
        program.start(NOTHING_SET, _ -> 1, _ -> () -> {
            throw new IllegalStateException("the drain failed");
        });

        program.stop();

        assertThat(ends).containsExactly(1);
    }

    @Test
    void aStopDuringTheStartInterruptsItAndEndsWith0() throws InterruptedException {
        var starting = new Thread[1];
        program.start(NOTHING_SET, _ -> 1, _ -> {
            starting[0] = Thread.ofPlatform().start(program::stop);
            new CountDownLatch(1).await(); // like a start that waits for Kafka
            return () -> {};
        });
        starting[0].join();

        assertThat(ends).containsExactly(0);
    }

    @Test
    void whatWasStartedJustInTimeIsClosed() throws InterruptedException {
        var closed = new ArrayList<String>();
        var stop = Thread.ofPlatform().unstarted(program::stop);
        program.start(NOTHING_SET, _ -> 1, _ -> {
            stop.start();
            while (!Thread.interrupted()) Thread.onSpinWait();
            return () -> closed.add("closed");
        });
        stop.join();

        assertThat(closed).containsExactly("closed");
        assertThat(ends).containsExactly(0);
    }

    @Test
    void aFailureIsExplainedInOneLineWithoutRepetitionsAndSecrets() {
        var cause = new IllegalStateException("refused:\n  x?password=s3cret");
        var failure = new IllegalStateException("connect: refused", new RuntimeException("refused", cause));

        assertThat(Program.explained(failure)).isEqualTo("connect: refused: refused: x?password=***");
    }
}
