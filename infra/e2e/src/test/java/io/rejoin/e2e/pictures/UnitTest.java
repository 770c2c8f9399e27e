package io.rejoin.e2e.pictures;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The expected values come from Grafana's own format library, @grafana/data 13.2.3. */
class UnitTest {
    @ParameterizedTest
    @CsvSource({"short, 0, 0", "short, 0.00042, 0.000420", "short, 1.0345, 1.03", "short, 999.5, 1000",
            "short, 1000, 1 K", "short, 12345, 12.3 K", "short, 1234567, 1.23 Mil", "s, 0, 0 s",
            "s, 0.00042, 420 µs", "s, 0.0123, 12.3 ms", "s, 0.5, 500 ms", "s, 59.9, 59.9 s", "s, 75, 1.25 mins",
            "s, 3700, 1.03 hours", "s, 100000, 1.16 days", "bytes, 0, 0 B", "bytes, 0.5, 0.500 B",
            "bytes, 1000, 1000 B", "bytes, 1536, 1.50 KiB", "bytes, 1234567, 1.18 MiB", "Bps, 12345, 12.3 kB/s",
            "ops, 12.345, 12.3 ops/s", "ops, 3700, 3.70K ops/s", "percentunit, 0, 0%", "percentunit, 0.00042, 0.0420%",
            "percentunit, 0.987, 98.7%", "percentunit, 1.0345, 103%", "reqps, 1234567, 1.23M req/s"})
    void aNumberIsWrittenAsGrafanaWritesIt(String unit, double value, String written) {
        assertThat(Unit.of(unit).format(value, OptionalInt.empty())).isEqualTo(written);
    }

    @ParameterizedTest
    @CsvSource({"short, 1.0345, 1", "s, 12.345, 12 s", "bytes, 1234567, 1 MiB", "percentunit, 1.0345, 103%"})
    void decimalsThatAPanelSetsHold(String unit, double value, String written) {
        assertThat(Unit.of(unit).format(value, OptionalInt.of(0))).isEqualTo(written);
    }

    @Test
    void whatBinaryFractionsAddIsNotWritten() {
        assertThat(Unit.of("s").format(0.07, OptionalInt.empty())).isEqualTo("70 ms");
    }

    @Test
    void aUnitThatIsNotKnownIsNamed() {
        assertThatThrownBy(() -> Unit.of("furlongs")).hasMessageContaining("furlongs").hasMessageContaining("bytes");
    }
}
