package io.rejoin.history.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayCodec;
import io.rejoin.history.store.PageRequest;
import io.rejoin.history.store.PageRequest.Range;
import io.rejoin.listener.http.RequestRefused;
import io.rejoin.listener.http.Target;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ReplayParametersTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final long MAX_SEQ = Long.MAX_VALUE - 501;

    private static ReplayQuery parse(Map<String, String> query) throws BadParameterException, RequestRefused {
        var all = new HashMap<>(Map.of("room", "default/lobby"));
        all.putAll(query);
        return parse(all.entrySet().stream().map(each -> each.getKey() + "=" + each.getValue())
                .collect(Collectors.joining("&")));
    }

    private static ReplayQuery parse(String query) throws BadParameterException, RequestRefused {
        return ReplayParameters.parse(Target.of(ReplayCodec.PATH, query));
    }

    @Test
    void aRequestOfAnEdgeIsParsed() throws Exception {
        var query = Map.of("epoch", "3", "after", "7", "to", "9", "limit", "500", "wait_ms", "5000");

        assertThat(parse(query)).isEqualTo(new ReplayQuery(new PageRequest(LOBBY, 3L, new Range.Forward(7, 9), 500),
                Duration.ofSeconds(5)));
    }

    @Test
    void theDefaultIsTheLastMessagesOfTheRoom() throws Exception {
        assertThat(parse(Map.of("unknown", "x")))
                .isEqualTo(new ReplayQuery(new PageRequest(LOBBY, null, new Range.Backward(MAX_SEQ), 100),
                        Duration.ZERO));
    }

    @Test
    void afterAndToHaveDefaultsToo() throws Exception {
        assertThat(parse(Map.of("after", "4")).request().range()).isEqualTo(new Range.Forward(4, MAX_SEQ));
        assertThat(parse(Map.of("to", "4")).request().range()).isEqualTo(new Range.Forward(0, 4));
    }

    @ParameterizedTest
    @CsvSource({"limit,501,limit must be a whole number from 1 to 500", "epoch,0,epoch must be a whole number from 1",
            "wait_ms,1,wait_ms needs \"to\"", "room,lobby,'room must be a room''s key, tenant/name'"})
    void aWrongParameterIsNamed(String name, String value, String message) {
        assertThatThrownBy(() -> parse(Map.of(name, value))).isInstanceOf(BadParameterException.class)
                .hasMessageStartingWith(message);
    }

    @Test
    void aParameterGivenTwiceIsRefused() {
        assertThatThrownBy(() -> parse("room=a/b&room=a/c"))
                .isInstanceOf(BadParameterException.class);
    }
}
