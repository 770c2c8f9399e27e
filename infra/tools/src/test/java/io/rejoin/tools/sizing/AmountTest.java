package io.rejoin.tools.sizing;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AmountTest {
    @ParameterizedTest
    @CsvSource({"12, '', 12", "1234567, '', 1 234 567", "0, bytes, 0 B", "999, bytes, 999 B", "1000, bytes, 1 kB",
            "1234567, bytes, 1.3 MB", "123456789, bytes/s, 124 MB/s", "999999, bytes, 1 MB", "0.123, cores, 0.13 cores",
            "90, s, 90 s", "180, s, 3 min", "604800, s, 7 d", "250, /s, 250 /s"})
    void isAsPeopleReadIt(double value, String unit, String text) {
        assertThat(Amount.text(value, unit)).isEqualTo(text);
    }
}
