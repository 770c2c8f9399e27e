package io.rejoin.history.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.SQLException;
import java.sql.SQLTransientConnectionException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SqlErrorsTest {
    @ParameterizedTest
    @ValueSource(strings = {"53100", "53200", "53300", "25006", "08006", "57P01", "57P03", "57014", "40P01", "40001",
            "58030", "55P03", "25P03", "23514"})
    void temporaryErrorsAreUnavailable(String state) {
        assertThat(translate(state)).isInstanceOf(StoreException.Unavailable.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"22P05", "22021", "22003", "23502", "54000"})
    void invalidValuesAreRefused(String state) {
        assertThat(translate(state)).isInstanceOf(StoreException.Refused.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"42P01", "42501", "28P01", "3D000", "XX001"})
    void databaseErrorsAreNeitherUnavailableNorRefused(String state) {
        assertThat(translate(state)).isNotInstanceOfAny(StoreException.Unavailable.class, StoreException.Refused.class);
    }

    @Test
    void aStatementWithoutMessagesIsNeverRefused() {
        assertThat(SqlErrors.translateWithoutRefusal("try", new SQLException("no new transaction IDs", "54000")))
                .isInstanceOf(StoreException.Unavailable.class);
        assertThat(SqlErrors.translateWithoutRefusal("try", new SQLException("no such table", "42P01")))
                .isExactlyInstanceOf(StoreException.class);
    }

    @Test
    void aPoolTimeoutIsTranslatedByItsCause() {
        assertThat(translate(null)).isInstanceOf(StoreException.Unavailable.class);
        var timedOut = new SQLTransientConnectionException("timed out", new SQLException("wrong password", "28P01"));

        assertThat(SqlErrors.translate("try", timedOut)).isNotInstanceOf(StoreException.Unavailable.class)
                .hasMessageContaining("wrong password");
    }

    private static StoreException translate(@Nullable String state) {
        return SqlErrors.translate("try", new SQLException("as asked", state));
    }
}
