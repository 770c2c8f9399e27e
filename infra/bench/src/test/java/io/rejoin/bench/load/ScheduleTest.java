package io.rejoin.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ScheduleTest {
    private static final long START = 5_000_000_000L;
    private final Schedule schedule = new Schedule(START, 100, 7, 16, 4, 3, 50);

    @Test
    void postsAreEvenInTime() {
        assertThat(schedule.due(0)).isEqualTo(START);
        assertThat(schedule.due(23)).isEqualTo(START + 230_000_000L);
        assertThat(schedule.windowStart()).isEqualTo(schedule.due(7));
        assertThat(schedule.windowEnd()).isEqualTo(schedule.due(23));
    }

    @Test
    void aPostIsKnownByItsRoomAndNumber() {
        assertThat(IntStream.range(0, schedule.posts())
                .map(post -> schedule.post(schedule.room(post), schedule.number(post))))
                .containsExactlyElementsOf(IntStream.range(0, schedule.posts()).boxed().toList());
        assertThat(schedule.number(0)).isEqualTo(50);
    }

    @Test
    void allPostersOfARoomTakeTurns() {
        var posters = new HashSet<Integer>();
        for (var post = 0; post < schedule.posts(); post += 4) posters.add(schedule.poster(post));

        assertThat(posters).containsExactlyInAnyOrder(0, 1, 2);
    }

    @Test
    void theFirstRoomsMayHaveOneMore() {
        assertThat(IntStream.range(0, 4).map(schedule::postsOf)).containsExactly(6, 6, 6, 5);
        assertThat(schedule.postsOfRoom()).isEqualTo(6);
    }
}
