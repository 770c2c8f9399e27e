package io.rejoin.router.kafka;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.router.core.CorruptStateException;
import org.junit.jupiter.api.Test;

class StateReaderTest {
    private final StateReader past = new StateReader(0);

    @Test
    void aLaterVersionIsToldThoughWhatItWroteMeansNothingHere() {
        add("position", "{\"v\":2,\"next\":3}");
        add("flag:default/r", "{\"of\":\"a later version\"}");
        add("position", "{\"v\":5,\"next\":7}");

        assertThatThrownBy(past::shard).isInstanceOf(CorruptStateException.class)
                .hasMessageContaining("later version (5)");
    }

    @Test
    void whatCannotBeReadIsToldWhenItIsOfAVersionThatIsKnown() {
        add("room:default/r", "noise");
        add("room:default/s", "{\"epoch\":1,\"seq\":2,\"version\":3}");
        add("position", "{\"v\":2,\"next\":7}");

        assertThatThrownBy(past::shard).isInstanceOf(CorruptStateException.class)
                .hasMessageContaining("room:default/r");
    }

    @Test
    void theLastPositionIsTheOneThatCounts() {
        assertThat(past.next()).isEqualTo(-1);
        add("position", "{\"v\":1,\"next\":3}");
        add("position", "{\"v\":2,\"next\":7}");
        assertThat(past.next()).isEqualTo(7);
        assertThat(past.shard().edges()).isEmpty();
    }

    private void add(String key, String value) {
        past.add(key.getBytes(UTF_8), value.getBytes(UTF_8));
    }
}
