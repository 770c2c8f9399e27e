package io.rejoin.e2e.check;

import io.rejoin.e2e.check.Observation.Phase;
import io.rejoin.e2e.check.Report.Recovery;
import java.time.Duration;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The times of sends, acks and deliveries, in milliseconds, and from these the effect of each fault. */
final class Timeline {
    private static final long MS = 1_000_000;

    private final BitSet sent = new BitSet();
    private final BitSet oks = new BitSet();
    private final BitSet deliveries = new BitSet();
    private final List<Wait> waits = new ArrayList<>();
    private final List<Observation.Fault> begun = new ArrayList<>();
    private final List<Observation.Fault> ended = new ArrayList<>();
    private int last;

    /** A wait of a message for its ack. */
    private record Wait(int from, int to) {
        boolean overlaps(int begin, int end) {
            return from <= end && to >= begin;
        }
    }

    void sent(Observation.At at) {
        sent.set(ms(at));
    }

    void ok(Observation.At at) {
        oks.set(ms(at));
    }

    void delivered(Observation.At at) {
        deliveries.set(ms(at));
    }

    /** Adds a message's wait for its ack: times of send and ack, in nanoseconds. */
    void waited(long from, long to) {
        waits.add(new Wait(ms(from), ms(to)));
    }

    void seen(Observation.At at) {
        last = Math.max(last, ms(at));
    }

    void fault(Observation.Fault fault) {
        (fault.phase() == Phase.BEGIN ? begun : ended).add(fault);
    }

    /** The end of the run in nanoseconds. */
    long end() {
        return (last + 1) * MS;
    }

    /**
     * One recovery for each fault, in the order of their begins. A fault without an end lasts until the end of the run.
     */
    List<Recovery> recoveries() {
        var open = new ArrayList<>(ended);
        return begun.stream().map(begin -> {
            var end = open.stream().filter(each -> isEndOf(each, begin)).findFirst().orElse(null);
            if (end != null) open.remove(end);
            return recovery(begin, ms(begin.at()), end == null ? last : ms(end.at()));
        }).toList();
    }

    private static boolean isEndOf(Observation.Fault end, Observation.Fault begin) {
        return end.kind().equals(begin.kind()) && end.target().equals(begin.target())
                && end.at().t() >= begin.at().t();
    }

    private Recovery recovery(Observation.Fault fault, int begin, int end) {
        var next = sent.nextSetBit(begin);
        return new Recovery(fault.kind(), fault.target(), begin, end, next >= 0 && next <= end, longest(begin, end),
                last(end), after(oks, end), after(deliveries, end));
    }

    /** The longest wait for an ack among those that overlap the fault. */
    private Duration longest(int begin, int end) {
        return Duration.ofMillis(waits.stream().filter(wait -> wait.overlaps(begin, end))
                .mapToInt(wait -> wait.to - wait.from).max().orElse(0));
    }

    /** The time from the end of the fault until all messages that waited then had their acks. */
    private Duration last(int end) {
        return Duration.ofMillis(waits.stream().filter(wait -> wait.overlaps(end, end))
                .mapToInt(wait -> wait.to - end).max().orElse(0));
    }

    private static @Nullable Duration after(BitSet when, int begin) {
        var next = when.nextSetBit(begin);
        return next < 0 ? null : Duration.ofMillis(next - begin);
    }

    private static int ms(Observation.At at) {
        return ms(at.t());
    }

    private static int ms(long nanos) {
        return (int) (Math.max(0, nanos) / MS);
    }
}
