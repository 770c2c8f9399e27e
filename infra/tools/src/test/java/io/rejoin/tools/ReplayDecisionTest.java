package io.rejoin.tools;

import static io.rejoin.tools.Samples.ANN;
import static io.rejoin.tools.Samples.CONNECTION;
import static io.rejoin.tools.Samples.EDGE;
import static io.rejoin.tools.Samples.LOBBY;
import static io.rejoin.tools.Samples.POST;
import static io.rejoin.tools.Samples.commands;
import static io.rejoin.tools.Samples.letter;
import static io.rejoin.tools.Samples.posted;
import static io.rejoin.tools.Samples.putAside;
import static io.rejoin.tools.Samples.raw;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.rejoin.contracts.Source;
import io.rejoin.contracts.TopicNames;
import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.Event;
import io.rejoin.contracts.log.EventCodec;
import io.rejoin.contracts.log.LogCodec;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class ReplayDecisionTest {
    private static final ReplayDecision.Allowed NAMED = new ReplayDecision.Allowed(true, false);
    private static final ReplayDecision.Allowed FOUND = new ReplayDecision.Allowed(false, false);
    private static final ReplayDecision.Allowed MEMBERSHIPS = new ReplayDecision.Allowed(true, true);
    private static final String FAILED = "made the router fail 3 times";

    @Test
    void aPostIsReplayed() {
        assertReplayed(of(commands(POST), "rejoin.commands-3@42", "unknown to an older version", FOUND));
    }

    @Test
    void aCommandThatMadeRoutersFailHasToBeNamed() {
        assertRefused(of(commands(POST), "rejoin.commands-3@42", FAILED, FOUND), "name its offset");
        assertReplayed(of(commands(POST), "rejoin.commands-3@42", FAILED, NAMED));
    }

    @Test
    void aCommandThatStillCannotBeReadIsRefused() {
        assertRefused(of(new byte[]{(byte) 0xff}, "rejoin.commands-3@42", "not ours", NAMED), "cannot read the record");
        assertRefused(of("{\"v\":999,\"commands\":[]}".getBytes(UTF_8), "rejoin.commands-3@42", "version", NAMED),
                "999");
        assertRefused(
                ReplayDecision.of(letter(putAside(raw(null, Map.of()), "rejoin.commands-3@42", "no value")),
                        TopicNames.PLAIN,
                        NAMED),
                "no value");
    }

    @Test
    void aRecordOfWhichSomeCommandsCanBeReadIsReplayed() {
        var mixed = new String(LogCodec.commands(3, List.of(POST)), UTF_8).replace("[{", "[{\"type\":\"dance\"},{")
                .getBytes(UTF_8);
        assertReplayed(of(mixed, "rejoin.commands-3@42", "an older version left out all of it", FOUND));
        assertRefused(
                of("{\"v\":1,\"commands\":[{\"type\":\"dance\"}]}".getBytes(UTF_8), "rejoin.commands-3@42", "dance",
                        NAMED),
                "dance");
    }

    @Test
    void aCommandOfARecordIsKnownByItsIndex() {
        var letter = putAside(raw(commands(POST), Map.of()), "rejoin.commands-3@42", FAILED);
        letter.headers().add("rejoin-index", "7".getBytes(UTF_8));
        var origin = new Origin("rejoin.commands", 3, 42, 7);
        assertThat(ReplayDecision.of(letter(letter), TopicNames.PLAIN, NAMED))
                .isEqualTo(new ReplayDecision.Replay(origin));
        assertThat(origin.text()).isEqualTo("rejoin.commands-3@42#7");
        assertThat(letter(letter).original(origin).headers().toArray()).isEmpty();
        letter.headers().add("rejoin-index", "seven".getBytes(UTF_8));
        assertReplayed(ReplayDecision.of(letter(letter), TopicNames.PLAIN, NAMED));
    }

    @Test
    void joinsAndLeavesAreReplayedOnlyOnceTheirEdgesAreGone() {
        var join = commands(POST, new Command.Join(LOBBY, ANN, CONNECTION, EDGE, 1));
        assertRefused(of(join, "rejoin.commands-3@42", FAILED, NAMED), "edge-1", "--memberships");
        assertRefused(of(commands(new Command.Leave(LOBBY, CONNECTION, EDGE)), "rejoin.commands-3@42", FAILED, NAMED),
                "--memberships");
        assertReplayed(of(join, "rejoin.commands-3@42", FAILED, MEMBERSHIPS));
    }

    @Test
    void aMessageThatHistoryCouldNotStoreIsReplayed() {
        assertThat(event(posted(1), "rejoin.events-3@42", NAMED))
                .isEqualTo(new ReplayDecision.Replay(new Origin("rejoin.events", 3, 42)));
    }

    @Test
    void anEventThatHistoryWouldNotStoreIsRefused() {
        assertRefused(event(posted(0), "rejoin.events-3@42", NAMED), "below 1");
        assertRefused(event(posted(1), "rejoin.events-4@42", NAMED), "another partition");
        assertRefused(event(new Event.MemberLeft(LOBBY, 7, ANN, 0, 1, 5), "rejoin.events-3@42", NAMED),
                "does not store");
        assertRefused(of("{}".getBytes(UTF_8), "rejoin.events-3@42", "no ce_id", NAMED), "cannot read the record");
    }

    @Test
    void aMessageThatWasNotConfirmedIsRefusedWhereverItIsFrom() {
        var expired = new Event.ConfirmationExpired(LOBBY, 7, 1, ANN, null, List.of(ANN), 5);
        assertThat(EventCodec.type(expired)).isEqualTo(ReplayDecision.EXPIRED);
        assertRefused(event(expired, "rejoin.commands-3@42", MEMBERSHIPS), "in the room and in history");
        assertRefused(event(expired, "rejoin.events-3@42", MEMBERSHIPS), "in the room and in history");
    }

    @Test
    void whatIsForTheMomentIsRefused() {
        assertRefused(of(new byte[0], "router 17fe", "not ours", MEMBERSHIPS), "old deliveries are of no use");
        assertRefused(of(new byte[0], "team-a.rejoin.deliveries-3@42", "not ours", MEMBERSHIPS),
                "old deliveries are of no use"); // of an earlier version, which had a topic of deliveries
        assertRefused(of(new byte[0], "rejoin.edges-0@42", "not ours", MEMBERSHIPS), "of no use");
        assertRefused(of(new byte[0], "rejoin.state-0@42", "not ours", MEMBERSHIPS),
                "nothing is replayed to rejoin.state");
    }

    @Test
    void whatWasTooLargeToBeKeptIsRefused() {
        assertRefused(of(new byte[0], "rejoin.commands-3@42", "larger; it is left out, being too large", NAMED),
                "too large");
    }

    @Test
    void whatNobodyOfOursPutThereIsRefused() {
        assertRefused(ReplayDecision.of(letter(raw(commands(POST), Map.of())), TopicNames.PLAIN, NAMED), "rejoin-from");
        assertRefused(of(commands(POST), "somewhere", "", NAMED), "rejoin-from");
    }

    @Test
    void theOriginalsOwnHeadersOfThoseNamesDoNotCount() {
        var hostile = raw(commands(POST), Map.of("rejoin-from", "rejoin.edges-0@1", "trace", "t"));
        var letter = letter(putAside(hostile, "rejoin.commands-3@42", "why"));
        assertReplayed(ReplayDecision.of(letter, TopicNames.PLAIN, NAMED));
        var original = letter.original(new Origin("rejoin.commands", 3, 42));
        assertThat(original.headers().toArray()).hasSize(1);
        assertThat(original.headers().lastHeader("trace").value()).isEqualTo("t".getBytes(UTF_8));
    }

    private static ReplayDecision of(byte[] value, String from, String reason, ReplayDecision.Allowed allowed) {
        return ReplayDecision.of(letter(putAside(raw(value, Map.of()), from, reason)), TopicNames.PLAIN, allowed);
    }

    private static ReplayDecision event(Event event, String from, ReplayDecision.Allowed allowed) {
        return ReplayDecision.of(
                letter(putAside(Samples.event(event, new Source(3, 9, 0)), from, "PostgreSQL refuses it")),
                TopicNames.PLAIN, allowed);
    }

    private static void assertReplayed(ReplayDecision verdict) {
        assertThat(verdict).isEqualTo(new ReplayDecision.Replay(new Origin("rejoin.commands", 3, 42)));
    }

    private static void assertRefused(ReplayDecision verdict, String... because) {
        assertThat(verdict).isInstanceOfSatisfying(ReplayDecision.Refused.class,
                refused -> assertThat(refused.reason()).contains(because));
    }
}
