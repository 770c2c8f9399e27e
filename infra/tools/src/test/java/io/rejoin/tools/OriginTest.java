package io.rejoin.tools;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class OriginTest {
    @Test
    void theLastHyphenEndsTheTopic() {
        assertThat(Origin.of("rejoin.dead-letters-3@1042")).contains(new Origin("rejoin.dead-letters", 3, 1042));
        assertThat(Origin.of("rejoin.commands-0@0")).contains(new Origin("rejoin.commands", 0, 0));
    }

    @Test
    void itsTextIsReadBack() {
        var origin = new Origin("rejoin.events", 11, 123_456_789_012L);
        assertThat(Origin.of(origin.text())).contains(origin);
    }

    @Test
    void anythingElseIsNone() {
        assertThat(new String[]{"", "-", "rejoin.events", "rejoin.events-1", "rejoin.events@1", "-1@1",
                "rejoin.events-1@-1",
                "rejoin.events--@1", "rejoin.events-1@1 ", "rejoin.events-1@1\n", "a b-1@1",
                "rejoin.events-99999999999@1",
                "rejoin.events-1@99999999999999999999"}).allSatisfy(text -> assertThat(Origin.of(text)).isEmpty());
    }
}
