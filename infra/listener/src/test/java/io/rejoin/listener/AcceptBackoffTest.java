package io.rejoin.listener;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.io.IOException;
import java.time.Duration;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class AcceptBackoffTest {
    private final AcceptBackoff trouble = new AcceptBackoff();
    private final Logger logger = (Logger) LoggerFactory.getLogger(AcceptBackoff.class);
    private final ListAppender<ILoggingEvent> said = new ListAppender<>();
    private long now;

    @BeforeEach
    void listen() {
        said.start();
        logger.addAppender(said);
        logger.setAdditive(false);
        logger.setLevel(Level.INFO);
    }

    @AfterEach
    void stop() {
        logger.detachAppender(said);
        logger.setAdditive(true);
        logger.setLevel(null);
    }

    @Test
    void troubleThatComesAndGoesIsToldNowAndThen() {
        for (var n = 0; n < 100 * 60; n++) { // one minute of failures
            fail();
            trouble.isOver();
        }

        assertThat(said.list.stream().filter(line -> line.getLevel() == Level.WARN)).hasSizeBetween(5, 7);
        assertThat(said.list).hasSizeBetween(10, 14);
    }

    @Test
    void troubleThatLastsIsToldNowAndThenAndItsEndOnce() {
        for (var n = 0; n < 100 * 60; n++) fail();
        trouble.isOver();
        trouble.isOver();

        assertThat(said.list).hasSizeBetween(6, 8);
        assertThat(said.list.getLast().getLevel()).isEqualTo(Level.INFO);
    }

    @Test
    void thePauseGrowsAndBeginsAnew() {
        assertThat(fail()).isEqualTo(Duration.ofMillis(10));
        assertThat(fail()).isEqualTo(Duration.ofMillis(20));
        for (var n = 0; n < 10; n++) fail();
        assertThat(fail()).isEqualTo(Duration.ofMillis(250));
        assertThat(trouble.isLasting()).isTrue();
        trouble.isOver();
        assertThat(trouble.isLasting()).isFalse();
        assertThat(fail()).isEqualTo(Duration.ofMillis(10));
    }

    private Duration fail() {
        now += Duration.ofMillis(10).toNanos();
        return trouble.failed(new IOException("Too many open files"), now);
    }
}
