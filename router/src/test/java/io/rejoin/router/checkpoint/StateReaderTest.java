package io.rejoin.router.checkpoint;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.router.core.CorruptStateException;
import org.junit.jupiter.api.Test;

class StateReaderTest {
    private final StateReader reader = new StateReader(0);

    @Test
    void aStateOfALaterVersionGivesTheVersionError() {
        add("position", "{\"v\":2,\"next\":3}");
        add("flag:default/r", "{\"of\":\"a later version\"}");
        add("position", "{\"v\":5,\"next\":7}");

        assertThatThrownBy(reader::shard).isInstanceOf(CorruptStateException.class)
                .hasMessageContaining("later version (5)");
    }

    @Test
    void anUnreadableEntryOfAKnownVersionIsAnError() {
        add("room:default/r", "noise");
        add("room:default/s", "{\"epoch\":1,\"seq\":2,\"version\":3}");
        add("position", "{\"v\":2,\"next\":7}");

        assertThatThrownBy(reader::shard).isInstanceOf(CorruptStateException.class)
                .hasMessageContaining("room:default/r");
    }

    @Test
    void theLastPositionCounts() {
        assertThat(reader.nextOffset()).isEqualTo(-1);
        add("position", "{\"v\":1,\"next\":3}");
        add("position", "{\"v\":2,\"next\":7}");
        assertThat(reader.nextOffset()).isEqualTo(7);
        assertThat(reader.shard().edges()).isEmpty();
    }

    private void add(String key, String value) {
        reader.add(key.getBytes(UTF_8), value.getBytes(UTF_8));
    }
}
