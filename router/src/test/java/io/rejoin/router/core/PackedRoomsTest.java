package io.rejoin.router.core;

import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PackedRoomsTest {
    private final PackedRooms packed = new PackedRooms();

    private record Known(StateEntry.Progress progress, Map<UserId, Long> cursors) {
        static Known of(Room room) {
            return new Known(room.progress(), room.usersWithCursor().collect(Collectors.toMap(u -> u, room::cursor)));
        }
    }

    /** A few names that recur, and many that need several runs. At the end all rooms are removed. */
    @ParameterizedTest
    @ValueSource(ints = {3, 300, 20_000})
    void aPackedRoomIsUnpackedUnchanged(int names) {
        var random = new Random(names);
        var expected = new HashMap<RoomId, Known>();
        for (var n = 0; n < 60_000; n++) {
            var room = room(random, random.nextInt(names));
            var before = packed.peek(room.id());
            assertThat(before == null ? null : Known.of(before)).isEqualTo(expected.get(room.id()));
            var removed = packed.remove(room.id());
            assertThat(removed == null).isEqualTo(before == null);
            expected.remove(room.id());
            if (random.nextInt(3) == 0) continue;
            assertThat(packed.add(room)).isTrue();
            expected.put(room.id(), Known.of(room));
        }
        assertThat(packed.size()).isEqualTo(expected.size());
        assertThat(packed.stream().collect(Collectors.toMap(Room::id, Known::of))).isEqualTo(expected);

        expected.forEach((id, known) -> assertThat(Known.of(Objects.requireNonNull(packed.remove(id))))
                .isEqualTo(known));
        assertThat(packed.size()).isZero();
        assertThat(packed.stream()).isEmpty();
    }

    @Test
    void aScanInPartsShowsAllRoomsInKeyOrderWhileOthersAreAdded() {
        var random = new Random(1);
        for (var n = 0; n < 5_000; n++) packed.add(new Room(new RoomId("default", "stays" + n), n, n, n, n));
        var scanned = new ArrayList<RoomId>();
        var from = packed.scan(null, 1, entry -> scanned.add(entry.id()));
        while (from != null) {
            for (var n = 0; n < 50; n++)
                packed.add(new Room(new RoomId("default", "comes" + random.nextLong()), 1, 0, 0, 0));
            from = packed.scan(from, 1, entry -> scanned.add(entry.id()));
        }

        assertThat(scanned.stream().filter(id -> id.name().startsWith("stays")).distinct()).hasSize(5_000);
        assertThat(scanned.stream().filter(id -> id.name().startsWith("stays")).map(RoomId::key).toList()).isSorted();
    }

    /**
     * Removes rooms in ascending order, as for names with a counter or a date; then in descending and in random order.
     */
    @ParameterizedTest
    @ValueSource(strings = {"ascending", "descending", "any"})
    void removedRoomsLeaveNoRunsBehind(String order) {
        var rooms = IntStream.range(0, 5_000).mapToObj(n -> new RoomId("default", "r%05d".formatted(n)))
                .collect(Collectors.toCollection(ArrayList::new));
        for (var id : rooms) packed.add(new Room(id, 1, 1, 1, 1));
        assertThat(runs()).isGreaterThan(20);
        if (order.equals("descending")) Collections.reverse(rooms);
        if (order.equals("any")) Collections.shuffle(rooms, new Random(1));

        var remaining = rooms.stream().filter(id -> id.name().endsWith("00")).toList();
        rooms.removeAll(remaining);
        for (var id : rooms) assertThat(packed.remove(id)).isNotNull();
        assertThat(packed.stream().map(Room::id)).containsExactlyInAnyOrderElementsOf(remaining);
        assertThat(runs()).isLessThanOrEqualTo(2);
        for (var id : remaining) assertThat(packed.remove(id)).isNotNull();
        assertThat(runs()).isEqualTo(1);
    }

    private int runs() {
        var runs = 1;
        for (var at = packed.scan(null, 1, _ -> {}); at != null; at = packed.scan(at, 1, _ -> {})) runs++;
        return runs;
    }

    @Test
    void aScanShowsTheProgressOfARoom() {
        var progress = new TreeMap<RoomId, StateEntry.Progress>();
        for (var n = 0; n < 100; n++)
            packed.add(new Room(new RoomId("default", "r" + n), 1_000 + n, n, 2L * n, 900 + n));

        assertThat(packed.scan(null, 1_000, entry -> progress.put(entry.id(), entry.progress()))).isNull();
        assertThat(progress).hasSize(100)
                .containsEntry(new RoomId("default", "r7"), new StateEntry.Progress(1_007, 7, 14, 907));
    }

    @Test
    void aRoomWithTooManyCursorsIsNotPacked() {
        var room = new Room(new RoomId("default", "large"), 1, 1, 1, 1);
        for (var n = 0; n < PackedRooms.MAX_BYTES / 8; n++) room.moveCursor(new UserId("default", "user" + n), 1);

        assertThat(packed.add(room)).isFalse();
        assertThat(packed.peek(room.id())).isNull();
        assertThat(packed.size()).isZero();
    }

    @Test
    void theLongestNamesAndTheLargestNumbersFit() {
        var rooms = new ArrayList<Room>();
        for (var n = 0; n < 100; n++) {
            var name = "\uD83D\uDE00".repeat(60) + n;
            var room = new Room(new RoomId("a".repeat(32), name), Long.MAX_VALUE - 1, Long.MAX_VALUE, Long.MAX_VALUE,
                    1);
            room.moveCursor(new UserId("other", name), Long.MAX_VALUE);
            assertThat(packed.add(room)).isTrue();
            rooms.add(room);
        }

        for (var room : rooms)
            assertThat(Known.of(Objects.requireNonNull(packed.remove(room.id())))).isEqualTo(Known.of(room));
    }

    private static Room room(RandomGenerator random, int name) {
        var tenant = random.nextInt(50) == 0 ? "t" : "default";
        var id = new RoomId(tenant, "r" + "\u00fc".repeat(name % 7) + name);
        var room = new Room(id, random.nextLong(1L << 45), random.nextLong(1L << random.nextInt(1, 40)),
                random.nextLong(1000), random.nextBoolean() ? 0 : random.nextLong(1, 1L << 45));
        for (var n = random.nextInt(8) == 0 ? random.nextInt(30) : 0; n > 0; n--) {
            room.moveCursor(new UserId(random.nextInt(9) == 0 ? "else" : tenant, "u/" + random.nextInt(100)),
                    random.nextLong(1, 1L << 40));
        }
        return room;
    }
}
