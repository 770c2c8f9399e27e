package io.rejoin.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IdentifiersTest {
    @Test
    void aRoomsKeyGivesTheRoomBack() {
        var room = new RoomId("acme", "a/b/c");

        assertThat(RoomId.of(room.key())).isEqualTo(room);
    }

    @Test
    void namesWithControlCharactersBrokenSurrogatesOrWithoutBoundAreRefused() {
        for (var name : new String[]{"", "a\nb", "\uD800", "x".repeat(130)}) {
            assertThatThrownBy(() -> new RoomId("default", name)).isInstanceOf(IllegalArgumentException.class);
        }
        assertThatThrownBy(() -> new UserId("a/b", "ann")).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void everyUserHasAPersonalRoom() {
        var user = new UserId("acme", "@" + "u".repeat(127));
        var room = RoomId.personal(user);

        assertThat(room.key()).isEqualTo("acme/@@" + "u".repeat(127));
        assertThat(room.isPersonal()).isTrue();
        assertThat(room.owner()).isEqualTo(user);
        assertThat(new RoomId("acme", "@").isPersonal()).isFalse();
        assertThat(new RoomId("acme", "a@b").isPersonal()).isFalse();
    }

    @Test
    void aSourceIsBeyondAnotherByOffsetThenIndex() {
        assertThat(new Source(0, 10, 0).isBeyond(new Source(0, 9, 5))).isTrue();
        assertThat(new Source(0, 9, 5).isBeyond(new Source(0, 9, 5))).isFalse();
        assertThat(Source.of("1:2:3")).isEqualTo(new Source(1, 2, 3));
    }

    /** Reference values from Kafka's own default partitioner, which the edge's tests hold against the library itself. */
    @ParameterizedTest
    @CsvSource({"lobby,8", "a,8", "ab,8", "abc,8", "ünïcode,8"})
    void aRoomHasOnePartitionWithinTheCount(String name, int partitions) {
        var partition = Topics.partition(new RoomId("default", name), partitions);

        assertThat(partition).isBetween(0, partitions - 1)
                .isEqualTo(Topics.partition(new RoomId("default", name), partitions));
    }
}
