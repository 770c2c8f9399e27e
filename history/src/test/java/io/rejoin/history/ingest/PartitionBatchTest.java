package io.rejoin.history.ingest;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Content;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.history.store.MessageRow;
import io.rejoin.history.store.Position;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class PartitionBatchTest {
    private static final int PARTITION = 2;
    private static final RoomId LOBBY = new RoomId("default", "lobby");
    private static final UserId ANN = new UserId("default", "ann");

    private static ConsumerRecord<byte[], byte[]> record(long offset, Map<String, String> headers, byte[] value) {
        var record = new ConsumerRecord<>(TopicNames.PLAIN.events(), PARTITION, offset, LOBBY.key().getBytes(UTF_8),
                value);
        headers.forEach((name, text) -> record.headers().add(name, text.getBytes(UTF_8)));
        return record;
    }

    private static ConsumerRecord<byte[], byte[]> posted(long offset, Source source, Content content) {
        var event = new Event.MessagePosted(LOBBY, 1, source.offset(), ANN, null, content, 9);
        return record(offset, EventCodec.headers(event, source), EventCodec.value(event));
    }

    /** A message whose seq is the offset of its command. */
    private static ConsumerRecord<byte[], byte[]> posted(long offset, long command) {
        return posted(offset, new Source(PARTITION, command, 0), Content.text("hi"));
    }

    private static ConsumerRecord<byte[], byte[]> left(long offset, long command) {
        var event = new Event.MemberLeft(LOBBY, 1, ANN, 0, 1, 9);
        return record(offset, EventCodec.headers(event, new Source(PARTITION, command, 0)), EventCodec.value(event));
    }

    private static Position position(long nextOffset, @Nullable Long command) {
        return new Position("topic", PARTITION, nextOffset, command == null ? null : new Source(PARTITION, command, 0));
    }

    private static List<Long> seqs(List<MessageRow> rows) {
        return rows.stream().map(row -> row.message().seq()).toList();
    }

    @Test
    void eventsBeyondTheLastSourceAreStored() {
        var append = PartitionBatch.of(position(5, null), List.of(posted(5, 10), left(6, 11), posted(8, 12))).append();

        assertThat(seqs(append.rows())).containsExactly(10L, 12L);
        assertThat(append.repetitions()).isEmpty();
        assertThat(append.after()).isEqualTo(position(9, 12L));
    }

    @Test
    void repeatedEventsOfANewRouterAreRepetitions() {
        var append = PartitionBatch.of(position(5, 11L),
                List.of(posted(5, 12), posted(6, 11), left(7, 12), posted(8, 12), posted(9, 13))).append();

        assertThat(seqs(append.rows())).containsExactly(12L, 13L);
        assertThat(seqs(append.repetitions())).containsExactly(11L, 12L);
        assertThat(append.after()).isEqualTo(position(10, 13L));
    }

    @Test
    void theSecondHalfStartsWhereTheFirstEnds() {
        var batch = PartitionBatch.of(position(5, 11L), List.of(posted(5, 12), posted(6, 11), posted(7, 13)));
        var halves = batch.halves();

        assertThat(halves.getFirst().append().after()).isEqualTo(halves.getLast().before());
        assertThat(halves.getLast().append().after()).isEqualTo(batch.append().after());
    }

    @Test
    void unreadableRecordsAreSkippedAndReturned() {
        var good = posted(5, 12);
        var elsewhere = new Source(PARTITION + 1, 13, 0);
        var records = List.of(good, record(6, Map.of(), "x".getBytes(UTF_8)),
                record(7, Map.of("ce_id", "2:13:0", "ce_type", "io.rejoin.message.posted.v1"), "{".getBytes(UTF_8)),
                record(8, Map.of("ce_id", "2:13:0", "ce_type", "io.rejoin.unheard.of"), "{}".getBytes(UTF_8)),
                posted(9, elsewhere, Content.text("astray")),
                posted(10, new Source(PARTITION, 0, 0), Content.text("seq 0")));
        var batch = PartitionBatch.of(position(5, 11L), records);

        assertThat(seqs(batch.append().rows())).containsExactly(12L);
        assertThat(batch.append().after()).isEqualTo(position(11, 12L));
        assertThat(batch.unreadable().stream().map(entry -> entry.record().offset()).toList()).containsExactly(6L, 7L,
                8L, 9L, 10L);
    }

    @Test
    void aRefusedRecordBecomesUnreadableAndIsSkipped() {
        var batch = PartitionBatch.of(position(5, 11L), List.of(posted(5, 12))).asUnreadable("because");

        assertThat(batch.append().rows()).isEmpty();
        assertThat(batch.append().after()).isEqualTo(position(6, 11L));
        assertThat(batch.unreadable()).hasSize(1);
    }

    @Test
    void anUnpairedSurrogateIsReplacedInTheTableAndInMemory() {
        var value = """
                {"room":"default/lobby","epoch":1,"seq":12,"user":"default/ann","text":"a\\ud800b","ts":9}""";
        var headers = Map.of("ce_id", "2:12:0", "ce_type", "io.rejoin.message.posted.v1");
        var batch = PartitionBatch.of(position(5, 11L), List.of(record(5, headers, value.getBytes(UTF_8))));

        var row = batch.append().rows().getFirst();
        assertThat(row.content()).isEqualTo("{\"text\":\"a?b\"}");
        assertThat(row.message().content()).isEqualTo(Content.text("a?b"));
    }
}
