package io.rejoin.edge.metrics;

import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Timer;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.metrics.BrokenInvariants;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/** Counts WebSockets: how they begin and end, and their traffic. Safe for any thread; allocates no memory per event. */
public final class SocketMeters {
    private static final String HANDSHAKES = "rejoin.edge.handshakes";
    private static final String CLOSES = "rejoin.edge.closes";
    private static final String FRAMES = "rejoin.edge.frames";
    private static final String TRAFFIC = "rejoin.edge.traffic";
    /** RFC 6455, section 7.4.1: the normal end, and a close frame without a code. */
    private static final int NORMAL = 1000;
    private static final int NO_CODE = 1005;

    private final Counter opened;
    private final Counter lostWhileOpening;
    private final Map<RefusalCode, Counter> refused = new EnumMap<>(RefusalCode.class);
    private final Map<Integer, Counter> closed = new HashMap<>();
    private final Counter closedOtherwise;
    private final Counter lost;
    private final Counter framesIn;
    private final Counter framesOut;
    private final Counter bytesIn;
    private final Counter bytesOut;
    private final LongAdder queued = new LongAdder();
    private final Timer waits;
    private final BrokenInvariants<EdgeInvariant> invariants;

    public SocketMeters(MeterRegistry registry) {
        opened = handshakes(registry, "opened");
        lostWhileOpening = handshakes(registry, "lost");
        for (var code : RefusalCode.values()) refused.put(code, handshakes(registry, code.wireName()));
        for (var code : CloseCode.values()) closed.put(code.number(), closes(registry, "" + code.number()));
        closed.put(NORMAL, closes(registry, "" + NORMAL));
        closed.put(NO_CODE, closes(registry, "" + NO_CODE));
        closedOtherwise = closes(registry, "other");
        lost = closes(registry, "lost");
        framesIn = directed(registry, FRAMES, "frames", "in", "Whole messages and control frames of WebSockets");
        framesOut = directed(registry, FRAMES, "frames", "out", "Whole messages and control frames of WebSockets");
        bytesIn = directed(registry, TRAFFIC, "bytes", "in", "Bytes of WebSockets, without TCP and TLS");
        bytesOut = directed(registry, TRAFFIC, "bytes", "out", "Bytes of WebSockets, without TCP and TLS");
        Gauge.builder("rejoin.edge.outbox", queued::sum).baseUnit("bytes")
                .description("Bytes that wait to be sent to clients, plus some for each frame").register(registry);
        waits = Timer.builder("rejoin.edge.outbox.wait").serviceLevelObjectives(SessionMeters.LATENCIES)
                .description("For each write: how long its first frame waits until the socket takes it")
                .register(registry);
        invariants = new BrokenInvariants<>(registry, "edge", EdgeInvariant.class);
    }

    private static Counter handshakes(MeterRegistry registry, String outcome) {
        return Counter.builder(HANDSHAKES).baseUnit("handshakes").tag("outcome", outcome)
                .description("Requests for a WebSocket: opened, lost before the answer, or why refused")
                .register(registry);
    }

    private static Counter closes(MeterRegistry registry, String code) {
        return Counter.builder(CLOSES).baseUnit("closes").tag("code", code)
                .description("Ended WebSockets, by the code of the first close frame; lost: without one")
                .register(registry);
    }

    private static Counter directed(MeterRegistry registry, String name, String unit, String direction, String what) {
        return Counter.builder(name).baseUnit(unit).tag("direction", direction).description(what).register(registry);
    }

    public void countOpened() {
        opened.increment();
    }

    /** Counts a client that disconnected before its handshake was answered. */
    public void countLostWhileOpening() {
        lostWhileOpening.increment();
    }

    public void countRefused(RefusalCode code) {
        var counter = refused.get(code);
        if (counter != null) counter.increment();
    }

    /** Counts a connection that ended after a close frame of either side. */
    public void countClosed(int code) {
        closed.getOrDefault(code, closedOtherwise).increment();
    }

    /** Counts a connection that ended without a close frame. */
    public void countLost() {
        lost.increment();
    }

    /** Counts received bytes. */
    public void countReceivedBytes(int bytes) {
        bytesIn.increment(bytes);
    }

    /** Counts a complete message or control frame. */
    public void countReceivedFrame() {
        framesIn.increment();
    }

    /** Counts frames and their bytes that are given to the socket. */
    public void countSent(int frames, int bytes) {
        framesOut.increment(frames);
        bytesOut.increment(bytes);
    }

    /**
     * Measures a completed write.
     *
     * @param nanos how long the first frame of the write had waited, in nanoseconds
     */
    public void recordWait(long nanos) {
        waits.record(nanos, TimeUnit.NANOSECONDS);
    }

    /** Counts a client's frame whose handling failed because of a bug. */
    public void countFailed() {
        invariants.count(EdgeInvariant.FAILED_CONNECTION);
    }

    /** Adds to the number of bytes that wait in outboxes; negative to subtract. */
    public void addQueuedBytes(long change) {
        queued.add(change);
    }
}
