package io.rejoin.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.env.ConfigException;
import org.junit.jupiter.api.Test;

class StandaloneMainTest {
    @Test
    void itEndsAsTheServiceWouldThatCannotGoOn() {
        var misconfigured = new ConfigException("the database was assigned to another installation");
        assertThat(StandaloneMain.status(misconfigured)).isEqualTo(2);
        assertThat(StandaloneMain.status(new IllegalStateException("history died", misconfigured))).isEqualTo(2);
        assertThat(StandaloneMain.status(new IllegalStateException("history died"))).isEqualTo(1);
    }
}
