package io.rejoin.contracts;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class IdentifiersTest {
    @Test
    void aRoomsKeyGivesTheRoomBack() {
        var room = new RoomId("acme", "a/b/c");

        assertThat(RoomId.of(room.key())).isEqualTo(room);
    }

    @Test
    void charactersBeyondTheFirstPlaneMayStandInAName() {
        var room = new RoomId("acme", "\uD83D\uDE80 launch \uD83D\uDE80");

        assertThat(RoomId.of(room.key())).isEqualTo(room);
    }

    @Test
    void namesWithControlCharactersBrokenSurrogatesOrWithoutBoundAreRefused() {
        for (var name : new String[]{"", "a\nb", "\u0085", "\uD800", "a\uDC00", "\uDC00\uD800", "\uD83Dx",
                "x".repeat(257)}) {
            assertThatThrownBy(() -> new RoomId("default", name)).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"a", "Acme", "acme_eu", "auth0.example.com", "org-7f3A", "..", "-", "0",
            "0123456789abcdef0123456789ABCDEF0123456789abcdef0123456789ABCDEF"})
    void aTenantIsNamedAsIdentityProvidersDo(String tenant) {
        var room = new RoomId(tenant, "a/b");

        assertThat(RoomId.of(room.key())).isEqualTo(room);
        assertThat(new UserId(tenant, "ann").compareTo(new UserId(tenant + "x".repeat(64 - tenant.length()), "ann")))
                .isLessThanOrEqualTo(0);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "a/b", "a b", "ä", "a\n", "a:b", "a%2f",
            "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0"})
    void noOtherCharacterStandsInATenantsName(String tenant) {
        assertThatThrownBy(() -> new UserId(tenant, "ann")).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("a tenant");
    }

    @Test
    void namesOfBeforeAreStillReadWhateverIsRefusedAtTheDoorNow() {
        for (var name : new String[]{" a ", "a\u200Bb", "cafe\u0301", "\u202Eb", "\uFFFF", "\u00AD"}) {
            assertThat(RoomId.of("default/" + name).name()).isEqualTo(name);
            assertThat(UserId.of("default/" + name).name()).isEqualTo(name);
        }
    }

    @Test
    void everyUserHasAPersonalRoom() {
        var user = new UserId("acme", "@" + "u".repeat(254));
        var room = RoomId.personal(user);

        assertThat(room.key()).isEqualTo("acme/@@" + "u".repeat(254));
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

    /**
     * The partition is within the range and the same each time. No values of Kafka's own partitioner are compared here.
     */
    @ParameterizedTest
    @CsvSource({"lobby,8", "a,8", "ab,8", "abc,8", "ünïcode,8"})
    void aRoomHasOnePartitionWithinTheCount(String name, int partitions) {
        var partition = Topics.partition(new RoomId("default", name), partitions);

        assertThat(partition).isBetween(0, partitions - 1)
                .isEqualTo(Topics.partition(new RoomId("default", name), partitions));
    }
}
