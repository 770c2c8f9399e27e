package io.rejoin.listener;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;

class ConnectionBudgetTest {
    private static final ConnectionBudget WISH = new ConnectionBudget(100_000, 2048);

    @Test
    void whatFitsIsGranted() {
        assertThat(WISH.within(102_048)).isEqualTo(WISH);
        assertThat(WISH.within(Long.MAX_VALUE - 1000)).isEqualTo(WISH);
    }

    @Test
    void neverMoreIsGrantedThanThereAreFiles() {
        for (var files = 16; files < 102_048; files += 7) {
            var granted = WISH.within(files);
            assertThat(granted.webSockets() + granted.plain()).isLessThanOrEqualTo(files);
            assertThat(granted.webSockets()).isPositive();
            assertThat(granted.plain()).isPositive();
        }
    }

    @Test
    void someRoomIsKeptForHandshakesAndHealth() {
        assertThat(WISH.within(19_600)).isEqualTo(new ConnectionBudget(17_552, 2048));
        assertThat(WISH.within(160)).isEqualTo(new ConnectionBudget(140, 20));
        assertThat(WISH.within(16)).isEqualTo(new ConnectionBudget(8, 8));
    }

    @Test
    void aServiceWithoutWebSocketsGetsAll() {
        assertThat(new ConnectionBudget(0, 11_000).within(300)).isEqualTo(new ConnectionBudget(0, 300));
    }

    @Test
    void aLimitThatIsOfNoUseIsSaid() {
        assertThatThrownBy(() -> WISH.within(15)).isInstanceOf(IllegalStateException.class)
                .hasMessageContaining("15 would be left").hasMessageContaining("ulimit -n")
                .hasMessageContaining("LimitNOFILE");
        assertThatThrownBy(() -> WISH.within(-40)).isInstanceOf(IllegalStateException.class);
        assertThat(new ConnectionBudget(3, 4).within(7)).isEqualTo(new ConnectionBudget(3, 4)); // kept, since it fits
    }
}
