package io.rejoin.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TopicNamesTest {
    @Test
    void aPrefixBeginsEveryName() {
        var names = new TopicNames("team-a.");
        assertThat(names.commands()).isEqualTo("team-a.rejoin.commands");
        assertThat(names.deadLetters()).isEqualTo("team-a.rejoin.dead-letters");
        assertThat(names.prefixed("rejoin-router")).isEqualTo("team-a.rejoin-router");
        assertThat(TopicNames.PLAIN.events()).isEqualTo("rejoin.events");
    }

    @ParameterizedTest
    @ValueSource(strings = {"team/a", "team a", "ä.", "a\n"})
    void whatKafkaDoesNotTakeIsNoPrefix(String prefix) {
        assertThat(TopicNames.isPrefix(prefix)).isFalse();
        assertThatThrownBy(() -> new TopicNames(prefix)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void theLongestNameIsOneThatKafkaTakes() {
        assertThat(new TopicNames("x".repeat(200)).deadLetters()).hasSizeLessThanOrEqualTo(249);
        assertThat(TopicNames.isPrefix("x".repeat(201))).isFalse();
    }
}
