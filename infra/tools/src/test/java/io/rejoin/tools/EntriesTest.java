package io.rejoin.tools;

import static io.rejoin.tools.Samples.ANN;
import static io.rejoin.tools.Samples.EDGE;
import static io.rejoin.tools.Samples.LOBBY;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.EdgeRef;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.router.core.Member;
import io.rejoin.router.core.Pending;
import io.rejoin.router.core.StateEntry;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Checks what {@link RoomEntries} and {@link UserEntries} collect from state entries in the order of the topic. */
class EntriesTest {
    private static final UserId BEN = new UserId("default", "ben");
    private static final RoomId OTHER = new RoomId("default", "other");
    private static final EdgeRef SECOND = new EdgeRef("edge-2", 1, 1);
    private static final ConnectionId ONE = new ConnectionId("c1");
    private static final ConnectionId TWO = new ConnectionId("c2");
    private static final ConnectionId THREE = new ConnectionId("c3");

    private static StateEntry member(RoomId room, ConnectionId connection, UserId user, EdgeRef edge) {
        return new StateEntry.OfMember(room, connection, new Member(user, edge));
    }

    private static StateEntry.OfPending pending(RoomId room, long seq, UserId... recipients) {
        return new StateEntry.OfPending(room, seq,
                new Pending(7, 1_000, 60_000, BEN, "id", THREE, EDGE, List.of(recipients)));
    }

    private static StateEntry gone(RoomId room, ConnectionId connection) {
        return new StateEntry.OfMember(room, connection, null);
    }

    private static RoomEntries lobby(StateEntry... entries) {
        var read = new RoomEntries(LOBBY);
        Stream.of(entries).forEach(read);
        return read;
    }

    private static UserEntries ann(StateEntry... entries) {
        var read = new UserEntries(ANN);
        Stream.of(entries).forEach(read);
        return read;
    }

    @Test
    void aRoomIsAsItsLatestEntriesSay() {
        var room = lobby(new StateEntry.OfRoom(LOBBY, new StateEntry.Progress(5, 1, 1, 9)),
                member(LOBBY, ONE, ANN, EDGE), member(LOBBY, TWO, ANN, EDGE), member(LOBBY, THREE, BEN, SECOND),
                gone(LOBBY, ONE), member(OTHER, ONE, ANN, EDGE), pending(OTHER, 3, ANN),
                new StateEntry.OfRoom(LOBBY, new StateEntry.Progress(5, 3, 4, 10)));

        assertThat(room.progress()).isEqualTo(new StateEntry.Progress(5, 3, 4, 10));
        assertThat(room.connections()).isEqualTo(2);
        assertThat(room.users()).isEqualTo(2);
        assertThat(room.waiting()).isEmpty();
        assertThat(room.edges()).extracting(each -> each.edge().edge() + " " + each.users().keySet().size())
                .containsExactly("edge-1 1", "edge-2 1");
    }

    @Test
    void aRoomThatWasForgottenIsNone() {
        assertThat(lobby(new StateEntry.OfRoom(LOBBY, new StateEntry.Progress(5, 1, 1, 9)),
                new StateEntry.OfRoom(LOBBY, null)).progress()).isNull();
    }

    @Test
    void theEdgeWithMostConnectionsAndTheUserFurthestBehindComeFirst() {
        var room = lobby(member(LOBBY, ONE, ANN, EDGE), member(LOBBY, TWO, BEN, SECOND),
                member(LOBBY, THREE, BEN, SECOND), new StateEntry.OfCursor(LOBBY, ANN, 9),
                new StateEntry.OfCursor(LOBBY, BEN, 2));

        assertThat(room.edges().getFirst().edge()).isEqualTo(SECOND);
        assertThat(room.edges().getFirst().users()).containsEntry(BEN, 2);
        assertThat(room.users()).isEqualTo(2);
        assertThat(room.connections()).isEqualTo(3);
        assertThat(room.cursors()).containsExactly(new RoomEntries.Cursor(BEN, 2), new RoomEntries.Cursor(ANN, 9));
    }

    @Test
    void whatIsConfirmedWaitsNoLongerAndACursorMayGo() {
        var room = lobby(pending(LOBBY, 3, ANN), pending(LOBBY, 4, ANN),
                new StateEntry.OfPending(LOBBY, 3, null), new StateEntry.OfCursor(LOBBY, ANN, 9),
                new StateEntry.OfCursor(LOBBY, ANN, 0));

        assertThat(room.waiting()).containsOnlyKeys(4L);
        assertThat(room.cursors()).isEmpty();
    }

    @Test
    void aUserIsInTheRoomsOfTheirConnectionsAndNothingOfOthersIsKept() {
        var user = ann(member(LOBBY, ONE, ANN, EDGE), member(OTHER, ONE, ANN, EDGE), member(OTHER, TWO, ANN, SECOND),
                member(LOBBY, THREE, BEN, EDGE), gone(LOBBY, ONE), new StateEntry.OfCursor(OTHER, BEN, 4));

        assertThat(user.connections()).isEqualTo(2);
        assertThat(user.rooms()).singleElement().satisfies(room -> {
            assertThat(room.room()).isEqualTo(OTHER);
            assertThat(room.edges()).containsOnlyKeys(EDGE, SECOND);
            assertThat(room.cursor()).isNull();
        });
    }

    @Test
    void roomsWithTheUserComeFirstThenThoseWithMessagesThenThoseWithACursor() {
        var away = new RoomId("default", "away");
        var asked = new RoomId("default", "quiz"); // its name comes after "away"
        var user = ann(new StateEntry.OfCursor(away, ANN, 8), pending(asked, 2, ANN, BEN), pending(asked, 1, BEN),
                member(LOBBY, ONE, ANN, EDGE), new StateEntry.OfCursor(LOBBY, ANN, 5));

        assertThat(user.rooms()).extracting(each -> each.room().name()).containsExactly("lobby", "quiz", "away");
        assertThat(user.rooms()).extracting(UserEntries.InRoom::cursor).containsExactly(5L, null, 8L);
        assertThat(user.rooms().get(1).waiting()).containsOnlyKeys(2L);
    }

    @Test
    void aConnectionInSeveralRoomsIsOneAndACursorThatIsGoneIsNone() {
        var user = ann(member(LOBBY, ONE, ANN, EDGE), member(OTHER, ONE, ANN, EDGE),
                new StateEntry.OfCursor(LOBBY, ANN, 5), new StateEntry.OfCursor(LOBBY, ANN, 0));

        assertThat(user.connections()).isEqualTo(1);
        assertThat(user.rooms()).extracting(UserEntries.InRoom::cursor).containsExactly(null, null);
    }

    @Test
    void whatTheUserHasConfirmedWaitsForOthersAlone() {
        assertThat(ann(pending(LOBBY, 2, ANN, BEN), pending(LOBBY, 2, BEN)).rooms()).isEmpty();
    }
}
