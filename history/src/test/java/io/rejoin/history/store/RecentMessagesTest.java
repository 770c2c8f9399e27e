package io.rejoin.history.store;

import static io.rejoin.history.store.Messages.messages;
import static io.rejoin.history.store.Messages.rows;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.RoomPattern;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.contracts.replay.StoredMessage;
import io.rejoin.history.store.PageRequest.Range;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RecentMessagesTest {
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final RoomId HALL = new RoomId("default", "hall");
    private static final long MAX_SEQ = Long.MAX_VALUE - 1_000;

    private static final Duration LEASE = Duration.ofSeconds(3);

    private long now = Long.MAX_VALUE - 5; // nanoTime may overflow
    private final RecentMessages recentMessages = new RecentMessages(1_000_000, LEASE, () -> now);

    private static PageRequest after(long after, long to, int limit) {
        return new PageRequest(LOBBY, null, new Range.Forward(after, to), limit);
    }

    private static PageRequest before(long before, int limit) {
        return new PageRequest(LOBBY, null, new Range.Backward(before), limit);
    }

    private static Optional<ReplayPage> page(long head, long from, long to, @Nullable Long next) {
        return Optional.of(new ReplayPage(LOBBY, 1, head, messages(from, to), next));
    }

    @Test
    void missedMessagesComeFromMemory() {
        recentMessages.onStored(0, rows(LOBBY, 1, 11, 20));

        assertThat(recentMessages.page(after(10, MAX_SEQ, 100))).isEqualTo(page(20, 11, 20, null));
        assertThat(recentMessages.page(after(15, MAX_SEQ, 3))).isEqualTo(page(20, 16, 18, 18L));
        assertThat(recentMessages.page(after(15, 17, 100))).isEqualTo(page(20, 16, 17, null));
        assertThat(recentMessages.page(after(20, MAX_SEQ, 100))).isEqualTo(page(20, 1, 0, null));
        assertThat(recentMessages.page(after(15, 3, 100))).isEqualTo(page(20, 1, 0, null));
        assertThat(recentMessages.page(before(MAX_SEQ, 5))).isEqualTo(page(20, 16, 20, 16L));
        assertThat(recentMessages.page(before(17, 5))).isEqualTo(page(20, 12, 16, 12L));
    }

    @Test
    void aPageThatIsNotWhollyInMemoryIsEmpty() {
        recentMessages.onStored(0, rows(LOBBY, 1, 11, 20));

        assertThat(recentMessages.page(after(9, MAX_SEQ, 1))).isEmpty();
        assertThat(recentMessages.page(after(21, MAX_SEQ, 1))).isEmpty();
        assertThat(recentMessages.page(before(17, 6))).isEmpty();
        assertThat(recentMessages.page(new PageRequest(LOBBY, 2L, new Range.Forward(15, MAX_SEQ), 1))).isEmpty();
        assertThat(recentMessages.page(new PageRequest(HALL, null, new Range.Forward(15, MAX_SEQ), 1))).isEmpty();
    }

    @Test
    void aRoomFromItsFirstMessageOnHasNoEarlierPage() {
        recentMessages.onStored(0, rows(LOBBY, 1, 1, 5));

        assertThat(recentMessages.page(before(MAX_SEQ, 100))).isEqualTo(page(5, 1, 5, null));
        assertThat(recentMessages.page(before(1, 100))).isEqualTo(page(5, 1, 0, null));
    }

    @Test
    void aHoleOrANewEpochRemovesEarlierMessages() {
        recentMessages.onStored(0, rows(LOBBY, 1, 1, 5));
        recentMessages.onStored(0, rows(LOBBY, 1, 7, 8));
        assertThat(recentMessages.page(after(4, MAX_SEQ, 10))).isEmpty();
        assertThat(recentMessages.page(after(6, MAX_SEQ, 10))).isEqualTo(page(8, 7, 8, null));

        recentMessages.onStored(0, rows(LOBBY, 2, 9, 9));
        assertThat(recentMessages.page(after(7, MAX_SEQ, 10))).isEmpty();
    }

    @Test
    void aReleasedPartitionIsEvicted() {
        recentMessages.onStored(0, rows(LOBBY, 1, 1, 5));
        recentMessages.onStored(1, rows(HALL, 1, 1, 5));

        recentMessages.onReleased(1);
        assertThat(recentMessages.page(after(0, MAX_SEQ, 10))).isPresent();
        recentMessages.onReleased(0);
        assertThat(recentMessages.page(after(0, MAX_SEQ, 10))).isEmpty();
        assertThat(recentMessages.bytes()).isZero();
    }

    @Test
    void theRoomWithTheOldestWriteIsEvictedFirst() {
        var each = PackedMessage.memorySize(PackedMessage.pack(rows(HALL, 1, 1, 1).getFirst().message()));
        var small = new RecentMessages(18L * each, LEASE, () -> now);
        small.onStored(0, rows(HALL, 1, 1, 5));
        small.onStored(0, rows(LOBBY, 1, 1, 5));
        small.onStored(0, rows(HALL, 1, 6, 6));
        small.onStored(0, rows(new RoomId("default", "den"), 1, 1, 8));

        assertThat(small.page(after(0, MAX_SEQ, 10))).isEmpty();
        assertThat(small.page(new PageRequest(HALL, null, new Range.Forward(0, MAX_SEQ), 10))).isPresent();
        assertThat(small.bytes()).isEqualTo(14L * each);
    }

    @Test
    void pagesEqualThoseOfTheTable() {
        var random = new Random(5);
        recentMessages.onStored(0, rows(LOBBY, 1, 1, 3_000));
        IntStream.range(0, 2_000).forEach(_ -> {
            var limit = 1 + random.nextInt(500);
            var at = random.nextLong(1_500, 3_100);
            var to = at + random.nextLong(-5, 900);
            recentMessages.page(after(at, to, limit)).ifPresent(page -> {
                var last = Math.min(Math.min(3_000, to), at + limit);
                assertThat(page.messages()).isEqualTo(messages(at + 1, last));
                assertThat(page.next()).isEqualTo(last < Math.min(3_000, to) && last > at ? last : null);
            });
            recentMessages.page(before(at, limit)).ifPresent(page -> assertThat(page.messages())
                    .isEqualTo(messages(Math.min(3_001, at) - limit, Math.min(3_000, at - 1))));
        });
        assertThat(recentMessages.page(after(2_400, MAX_SEQ, 500))).isPresent();
    }

    @Test
    void afterTheLeaseNoPageIsServedUntilTheNextPoll() {
        recentMessages.onStored(0, rows(LOBBY, 1, 1, 5));
        now += LEASE.toNanos();
        assertThat(recentMessages.page(after(0, MAX_SEQ, 10))).isPresent();
        now++;
        assertThat(recentMessages.page(after(0, MAX_SEQ, 10))).isEmpty();
        recentMessages.onPolled();

        assertThat(recentMessages.page(after(0, MAX_SEQ, 10))).isPresent();
    }

    @Test
    void messagesOfAnEarlierEpochAreIgnored() {
        recentMessages.onStored(0, rows(LOBBY, 2, 1, 3));
        recentMessages.onStored(0, rows(LOBBY, 1, 8, 9));

        assertThat(recentMessages.page(new PageRequest(LOBBY, null, new Range.Forward(0, MAX_SEQ), 10)).orElseThrow()
                .epoch())
                .isEqualTo(2);
        assertThat(recentMessages.page(new PageRequest(LOBBY, 1L, new Range.Forward(0, MAX_SEQ), 10))).isEmpty();
    }

    @Test
    void expiredMessagesAreEvicted() {
        var hall = new Retention.RoomClass(null, new RoomPattern("hall"), null);
        var retention = new Retention(List.of(hall), Duration.ofMillis(100));
        recentMessages.onStored(0, rows(LOBBY, 1, 11, 20));
        recentMessages.onStored(0, rows(HALL, 1, 11, 20));

        recentMessages.evictExpired(retention, 115);

        assertThat(recentMessages.page(after(14, MAX_SEQ, 100))).isEmpty();
        assertThat(recentMessages.page(after(15, MAX_SEQ, 100))).isEqualTo(page(20, 16, 20, null));
        assertThat(recentMessages.page(new PageRequest(HALL, null, new Range.Forward(10, MAX_SEQ), 1))).isPresent();

        recentMessages.evictExpired(retention, 120);

        assertThat(recentMessages.page(after(20, MAX_SEQ, 100))).isEmpty();
        recentMessages.onReleased(0);
        assertThat(recentMessages.bytes()).isZero();
    }

    private static MessageRow large(long seq, int bytes) {
        var text = "x".repeat(bytes);
        var message = new StoredMessage(seq, new UserId("default", "ann"), null, Content.text(text), seq);
        return new MessageRow(LOBBY, 1, message, "{\"text\":\"" + text + "\"}");
    }

    private static List<Long> seqs(Optional<ReplayPage> page) {
        return page.orElseThrow().messages().stream().map(StoredMessage::seq).toList();
    }

    @Test
    void aPageEndsBeforeItWouldBeTooLarge() {
        var large = new RecentMessages(100_000_000, LEASE, () -> now);
        large.onStored(0, LongStream.rangeClosed(1, 20).mapToObj(seq -> large(seq, 300_000)).toList());

        assertThat(seqs(large.page(after(4, MAX_SEQ, 100)))).containsExactly(5L, 6L, 7L);
        assertThat(large.page(after(4, MAX_SEQ, 100)).orElseThrow().next()).isEqualTo(7);
        assertThat(seqs(large.page(after(17, MAX_SEQ, 100)))).containsExactly(18L, 19L, 20L);
        assertThat(large.page(after(17, MAX_SEQ, 100)).orElseThrow().next()).isNull();
        assertThat(seqs(large.page(before(MAX_SEQ, 100)))).containsExactly(18L, 19L, 20L);
        assertThat(large.page(before(18, 100)).orElseThrow().next()).isEqualTo(15);
        assertThat(seqs(large.page(after(4, MAX_SEQ, 2)))).containsExactly(5L, 6L);
    }

    @Test
    void aPageHasOneMessageHoweverLargeItIs() {
        var large = new RecentMessages(100_000_000, LEASE, () -> now);
        large.onStored(0, List.of(large(1, 10), large(2, 2_000_000), large(3, 10)));

        assertThat(seqs(large.page(after(0, MAX_SEQ, 100)))).containsExactly(1L);
        assertThat(seqs(large.page(after(1, MAX_SEQ, 100)))).containsExactly(2L);
        assertThat(seqs(large.page(after(2, MAX_SEQ, 100)))).containsExactly(3L);
    }
}
