package io.rejoin.tools;

import static io.rejoin.tools.Samples.POST;
import static io.rejoin.tools.Samples.commands;
import static io.rejoin.tools.Samples.putAside;
import static io.rejoin.tools.TestLog.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.Topics;
import io.rejoin.servers.Servers;
import java.util.Map;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Runs {@code infra/rejoinctl dead-letters} against a broker. */
class DeadLettersIT {
    private static final int PARTITION = 2;

    private final TestLog log = new TestLog(Servers.broker().bootstrapServers());

    @BeforeEach
    void topics() throws Exception {
        log.create(TopicNames.PLAIN.commands(), 3);
        log.create(TopicNames.PLAIN.deadLetters(), 1);
    }

    @AfterEach
    void close() {
        log.close();
    }

    @Test
    void aCommandIsReplayedAsItWas() throws Exception {
        var original = new ProducerRecord<>(TopicNames.PLAIN.commands(), PARTITION, bytes("default/lobby"),
                commands(POST));
        original.headers().add("trace", bytes("t"));
        var before = log.read(TopicNames.PLAIN.commands(), PARTITION).size();
        var first = log.send(putAside(original, "rejoin.commands-2@7", "made the router fail 3 times"));
        var twin = log.send(putAside(original, "rejoin.commands-2@7", "made the router fail 3 times"));

        var dry = log.run("dead-letters", "replay", "--dry-run", "" + first);
        assertThat(dry.code()).isZero();
        assertThat(dry.out()).contains("would be replayed to rejoin.commands-2");
        assertThat(log.read(TopicNames.PLAIN.commands(), PARTITION)).hasSize(before);

        var run = log.run("dead-letters", "replay", "" + first, "" + twin);
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains(first + "  rejoin.commands-2@7  replayed, is now rejoin.commands-2@")
                .contains(twin + "  refused: its original rejoin.commands-2@7 was already replayed in this run");
        var records = log.read(TopicNames.PLAIN.commands(), PARTITION);
        assertThat(records).hasSize(before + 1);
        var replayed = records.getLast();
        assertThat(replayed.key()).isEqualTo(original.key());
        assertThat(replayed.value()).isEqualTo(original.value());
        assertThat(replayed.headers().toArray()).hasSize(1);
        assertThat(replayed.headers().lastHeader("trace").value()).isEqualTo(bytes("t"));
    }

    @Test
    void commandsOfOneRecordAreReplayedEachByItself() throws Exception {
        var original = new ProducerRecord<>(TopicNames.PLAIN.commands(), 0, bytes("default/lobby"), commands(POST));
        var before = log.read(TopicNames.PLAIN.commands(), 0).size();
        var offsets = new String[3];
        for (var i = 0; i < 3; i++) {
            var letter = putAside(original, "rejoin.commands-0@7", "made the router fail 3 times");
            letter.headers().add(Topics.DEAD_LETTER_INDEX, bytes("" + Math.min(i, 1)));
            offsets[i] = "" + log.send(letter);
        }

        assertThat(log.run("dead-letters", "list").out()).contains(offsets[1] + "  ")
                .contains("  rejoin.commands-0@7#1  ");
        var run = log.run("dead-letters", "replay", offsets[0], offsets[1], offsets[2]);
        assertThat(run.out()).contains("rejoin.commands-0@7#0  replayed").contains("rejoin.commands-0@7#1  replayed")
                .contains("refused: its original rejoin.commands-0@7#1 was already replayed");
        assertThat(log.read(TopicNames.PLAIN.commands(), 0)).hasSize(before + 2);
    }

    @Test
    void allOfATopicAreReplayedAndOthersLeftAlone() throws Exception {
        var original = new ProducerRecord<>(TopicNames.PLAIN.commands(), 1, bytes("default/lobby"), commands(POST));
        log.send(putAside(original, "rejoin.commands-1@100", "version 2 is unknown here"));
        log.send(putAside(original, "rejoin.commands-9@100", "version 2 is unknown here"));
        log.send(putAside(Samples.raw(bytes("{}"), Map.of()), "router 17fe", "not a batch of ours"));

        var run = log.run("dead-letters", "replay", "--all", "--topic", TopicNames.PLAIN.commands());
        assertThat(run.code()).isEqualTo(1);
        assertThat(run.out()).contains("rejoin.commands-1@100  replayed")
                .contains("rejoin.commands has only 3 partitions now")
                .doesNotContain("of no use");
        assertThat(log.read(TopicNames.PLAIN.commands(), 1)).isNotEmpty();
        assertThat(log.run("dead-letters", "list").out()).contains("  router 17fe  ");
    }

    @Test
    void lettersAreListedAndShown() throws Exception {
        var hostile = Samples.raw(new byte[]{(byte) 0xff, 7}, Map.of("ce_type", "\u001b[2J"));
        var offset = log.send(putAside(hostile, "rejoin.edges-0@3", "no heartbeat\nof ours"));
        log.send(Samples.putAside(Samples.raw(bytes("{\"a\":1}"), Map.of()), "rejoin.state-0@3", "x"));

        var list = log.run("dead-letters", "list", "--topic", "rejoin.edges", "--limit", "1", "--since",
                "2020-01-01T00:00:00Z");
        assertThat(list.code()).isZero();
        assertThat(list.out()).startsWith(offset + "  ")
                .endsWith("  rejoin.edges-0@3  2 B  no heartbeat\\u{a}of ours" + System.lineSeparator());
        assertThat(log.run("dead-letters", "list", "--since", "2999-01-01T00:00:00Z").out()).isEmpty();

        var shown = log.run("dead-letters", "show", "" + offset);
        assertThat(shown.code()).isZero();
        assertThat(shown.out()).contains("from    rejoin.edges-0@3", "replay  refused: old heartbeats",
                "ce_type = \\u{1b}[2J",
                "key     key", "value   2 bytes", "00000000  ff 07");
        assertThat(log.run("dead-letters", "show", "" + (offset + 1)).out()).contains("\"a\" : 1");
    }

    @Test
    void whatIsWrongIsSaid() {
        assertThat(log.run().code()).isEqualTo(2);
        assertThat(log.run("dead-letters", "replay").err()).contains("either offsets or --all");
        assertThat(log.run("dead-letters", "replay", "1", "--all").code()).isEqualTo(2);
        assertThat(log.run("dead-letters", "replay", "--topic", "t", "1").code()).isEqualTo(2);
        assertThat(log.run("dead-letters", "list", "--since", "yesterday").code()).isEqualTo(2);
        assertThat(log.run("dead-letters", "replay", "999999").out())
                .contains("no letter 999999 in rejoin.dead-letters-0");
        assertThat(log.run("dead-letters", "show", "999999")).satisfies(run -> assertThat(run.code()).isEqualTo(1))
                .satisfies(run -> assertThat(run.err()).startsWith("rejoin: no letter 999999"));
        assertThat(log.run("dead-letters", "list", "--partition", "5").err()).contains("has the partitions 0 to 0");
    }
}
