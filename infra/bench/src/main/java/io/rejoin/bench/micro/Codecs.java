package io.rejoin.bench.micro;

import io.rejoin.contracts.client.ClientFrame;
import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.MalformedFrameException;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.contracts.log.MalformedRecordException;
import io.rejoin.link.Frame;
import io.rejoin.link.LinkFrameCodec;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Benchmarks of the codecs: client frame, command record, delivery record and server frame. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Codecs {
    private static final String POST = "{\"event\":\"message\",\"text\":\"" + "0123456789".repeat(10)
            + "\",\"id\":\"17\"}";

    /** Number of messages in a record. */
    @Param({"1", "10"})
    public int messages;

    private CommandBatch posts = Samples.posts(0, 1);
    private DeliveryBatch deliveries = Samples.deliveries(1);
    private byte[] postsRecord = {};
    private byte[] deliveriesRecord = {};
    private final ServerFrame frame = frame();

    @Setup
    public void prepare() {
        posts = Samples.posts(0, messages);
        deliveries = Samples.deliveries(messages);
        postsRecord = LogCodec.commands(posts.commands());
        deliveriesRecord = LogCodec.deliveries(deliveries);
    }

    private static ServerFrame frame() {
        var sent = Samples.message(17);
        return new ServerFrame.Message(sent.room().name(), sent.seq(), sent.epoch(), FrameId.ofLoggedOrNull(sent.id()),
                sent.user().name(), sent.content(), sent.ts(), null, false);
    }

    @Benchmark
    public ClientFrame readFrame() throws MalformedFrameException {
        return FrameCodec.decode(POST);
    }

    @Benchmark
    public byte[] writeFrame() {
        return FrameCodec.encode(frame);
    }

    @Benchmark
    public byte[] writeCommands() {
        return LogCodec.commands(posts.commands());
    }

    @Benchmark
    public CommandBatch readCommands() throws MalformedRecordException {
        return LogCodec.commandBatch(postsRecord);
    }

    @Benchmark
    public byte[] writeDeliveries() {
        return LogCodec.deliveries(deliveries);
    }

    @Benchmark
    public DeliveryBatch readDeliveries() throws MalformedRecordException {
        return LogCodec.deliveries(deliveriesRecord);
    }

    @Benchmark
    public byte[] writeLinkFrame() {
        return LinkFrameCodec.encode(new Frame.Deliveries(deliveriesRecord, Map.of()));
    }
}
