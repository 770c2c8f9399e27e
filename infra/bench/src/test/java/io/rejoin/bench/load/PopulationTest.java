package io.rejoin.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Tests over real sockets what the generator reports about a server that does one thing wrong. */
class PopulationTest {
    private static final int ROOMS = 3;
    private static final int MEMBERS = 4;
    private static final double RATE = 1_200;
    private static final int POSTS = 120;

    private final AtomicInteger faults = new AtomicInteger();
    private final List<String> progress = new ArrayList<>();

    @AfterEach
    void theGeneratorItselfHadNoFault() {
        assertThat(faults).hasValue(0);
    }

    @Test
    void allIsWellWhereEachMessageComesOnceToEachInOrder() throws IOException {
        var outcome = outcome(FaultyServer.Fault.NONE);

        assertThat(outcome.isClean()).as("%s", outcome).isTrue();
        assertThat(outcome.posts()).isEqualTo(POSTS);
        assertThat(outcome.deliveries()).isEqualTo(POSTS * MEMBERS);
        assertThat(outcome.oddities()).isEmpty();
        assertThat(progress).containsExactly("begins", "ends");
    }

    @Test
    void latenciesAreThoseSinceThePostWasDue() throws IOException {
        var outcome = outcome(FaultyServer.Fault.NONE);

        assertThat(outcome.delivery().p50()).isPositive().isLessThanOrEqualTo(outcome.delivery().p99());
        assertThat(outcome.ack().p50()).isPositive();
        assertThat(outcome.delivery().max()).isGreaterThanOrEqualTo(outcome.delivery().p99());
    }

    @Test
    void whatAMemberDoesNotGetIsLost() throws IOException {
        var outcome = outcome(FaultyServer.Fault.LOSES);

        assertThat(outcome.lost()).isPositive();
        assertThat(outcome.doubled() + outcome.outOfOrder() + outcome.foreign() + outcome.unanswered()).isZero();
    }

    @Test
    void whatAMemberGetsTwiceIsDoubled() throws IOException {
        var outcome = outcome(FaultyServer.Fault.DOUBLES);

        assertThat(outcome.doubled()).isPositive();
        assertThat(outcome.lost() + outcome.outOfOrder() + outcome.foreign() + outcome.unanswered()).isZero();
    }

    @Test
    void whatAMemberGetsInAnotherOrderThanOthersIsOutOfOrder() throws IOException {
        var outcome = outcome(FaultyServer.Fault.SWAPS);

        assertThat(outcome.outOfOrder()).isPositive();
        assertThat(outcome.doubled() + outcome.foreign() + outcome.unanswered()).isZero();
    }

    @Test
    void aSeqThatDoesNotGrowIsOutOfOrder() throws IOException {
        assertThat(outcome(FaultyServer.Fault.NUMBERS_BACKWARDS).outOfOrder()).isPositive();
    }

    @Test
    void aMessageOfAnotherRoomIsForeignAndTheRightOneLost() throws IOException {
        var outcome = outcome(FaultyServer.Fault.MISLEADS);

        assertThat(outcome.foreign()).isPositive().isEqualTo(outcome.lost());
    }

    @Test
    void aPostWithoutAnAckIsUnanswered() throws IOException {
        var outcome = outcome(FaultyServer.Fault.FORGETS_ACK);

        assertThat(outcome.unanswered()).isPositive();
        assertThat(outcome.lost()).isZero();
    }

    @Test
    void aMemberThatIsClosedIsToldOfAndWhatItMissesIsLost() throws IOException {
        var outcome = outcome(FaultyServer.Fault.CLOSES);

        assertThat(outcome.oddities()).containsKey("closed with 1013");
        assertThat(outcome.lost()).isPositive();
        assertThat(outcome.unsent()).isPositive();
    }

    @Test
    void oneLoadAfterTheOtherIsCheckedByItself() throws IOException {
        try (var server = new FaultyServer(FaultyServer.Fault.NONE); var population = open(server, 0)) {
            assertThat(population.load(load(), progress()).isClean()).isTrue();
            var second = population.load(load(), progress());
            assertThat(second.isClean()).as("%s", second).isTrue();
        }
    }

    @Test
    void thoseWhoNeverReadDoNotCount() throws IOException {
        try (var server = new FaultyServer(FaultyServer.Fault.NONE); var population = open(server, 2)) {
            var outcome = population.load(load(), progress());

            assertThat(outcome.isClean()).as("%s", outcome).isTrue();
            assertThat(outcome.deliveries()).isEqualTo(POSTS * MEMBERS);
        }
    }

    @Test
    void whoIsCutOffComesBackAndGetsWhatItMissed() throws IOException {
        try (var server = new FaultyServer(FaultyServer.Fault.NONE); var population = open(server, 0)) {
            var outcome = population.load(load(1, LoadEvent.CUT, 0), progress());

            assertThat(outcome.isClean()).as("%s", outcome).isTrue();
            assertThat(outcome.returns().count()).isEqualTo(ROOMS * (MEMBERS - 1L));
            assertThat(outcome.returns().latency().max()).isPositive();
        }
    }

    @Test
    void whatIsMissingAfterAReturnIsLost() throws IOException {
        try (var server = new FaultyServer(FaultyServer.Fault.SKIPS_WHAT_WAS_MISSED);
                var population = open(server, 0)) {
            var outcome = population.load(load(1, LoadEvent.CUT, 0), progress());

            assertThat(outcome.lost()).isPositive();
            assertThat(outcome.doubled() + outcome.outOfOrder() + outcome.foreign()).isZero();
        }
    }

    @Test
    void whoComesLateMissesNothingThatWasBefore() throws IOException {
        var late = 5;
        try (var server = new FaultyServer(FaultyServer.Fault.NONE);
                var population = Population.open(order(server.address(), late, 0), faults::incrementAndGet)) {
            var outcome = population.load(load(1, LoadEvent.ARRIVAL, 500), progress());

            assertThat(outcome.isClean()).as("%s", outcome).isTrue();
            assertThat(outcome.returns().count()).isEqualTo((long) ROOMS * late);
            assertThat(outcome.deliveries()).isGreaterThan((long) POSTS * MEMBERS);
        }
    }

    @Test
    void whoeverCannotConnectIsToldOf() throws IOException {
        int free;
        try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            free = socket.getLocalPort();
        }
        var order = order(new Address("127.0.0.1", free), 0, 0);

        assertThatThrownBy(() -> Population.open(order, faults::incrementAndGet))
                .hasMessageContaining("of 12 members have joined")
                .hasMessageContaining("Connection refused");
    }

    private Outcome outcome(FaultyServer.Fault fault) throws IOException {
        try (var server = new FaultyServer(fault); var population = open(server, 0)) {
            return population.load(load(), progress());
        }
    }

    private Population open(FaultyServer server, int stalled) throws IOException {
        return Population.open(order(server.address(), 0, stalled), faults::incrementAndGet);
    }

    private static GeneratorCommand.Open order(Address address, int late, int stalled) {
        return new GeneratorCommand.Open(Dialects.JSON, List.of(address), "r", ROOMS, MEMBERS, late, stalled, 5_000,
                true, 2);
    }

    private static GeneratorCommand.Load load() {
        return load(MEMBERS, LoadEvent.NONE, 0);
    }

    private static GeneratorCommand.Load load(int posters, LoadEvent event, double arrivals) {
        return new GeneratorCommand.Load(RATE, 0.05, POSTS / RATE, posters, event, arrivals, 0.3);
    }

    private Progress progress() {
        return new Progress() {
            @Override
            public void windowBegins() {
                progress.add("begins");
            }

            @Override
            public void windowEnds() {
                progress.add("ends");
            }
        };
    }
}
