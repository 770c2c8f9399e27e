package io.rejoin.contracts.replay;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReplayCodecTest {
    private static final UserId ANN = new UserId("default", "\u00e4nn\"");
    private static final List<StoredMessage> MESSAGES = List.of(
            new StoredMessage(1, ANN, "id\\", Content.text("h\u00ef\n"), 5),
            new StoredMessage(2, ANN, null, Content.data(new JsonText("[1.50,null]")), 6, true));

    @Test
    void aPageIsThisJson() {
        var page = new ReplayPage(new RoomId("default", "r"), 7, 9, MESSAGES, 2L);

        assertThat(new String(ReplayCodec.write(page), UTF_8)).isEqualTo("""
                {"room":"default/r","epoch":7,"head":9,"messages":[\
                {"seq":1,"user":"default/\u00e4nn\\"","id":"id\\\\","text":"h\u00ef\\n","ts":5},\
                {"seq":2,"user":"default/\u00e4nn\\"","data":[1.50,null],"ts":6,"erased":true}],"next":2}""");
    }

    @Test
    void aPageComesBackAsItWas() throws Exception {
        for (var page : List.of(new ReplayPage(new RoomId("t", "\u20ac"), 7, 9, MESSAGES, 2L),
                new ReplayPage(new RoomId("t", "r"), 0, 0, List.of(), null))) {
            assertThat(ReplayCodec.read(ReplayCodec.write(page))).isEqualTo(page);
        }
    }
}
