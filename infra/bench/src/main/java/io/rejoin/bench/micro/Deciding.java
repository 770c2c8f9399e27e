package io.rejoin.bench.micro;

import io.rejoin.contracts.log.Command;
import io.rejoin.contracts.log.CommandBatch;
import io.rejoin.contracts.log.LogCodec;
import io.rejoin.router.core.Output;
import io.rejoin.router.core.Shard;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/**
 * Benchmarks a shard: posts to a room, and a join with a leave. The changes for the checkpoint are taken after each
 * batch.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class Deciding {
    private static final int POSTS = 10;

    @Param({"10", "1000"})
    public int members;

    private Shard shard = new Shard(3);
    private long offset;
    private int posted;
    private CommandBatch comesAndGoes = batch(List.of());

    @Setup
    public void fill() {
        shard = new Shard(3);
        take(batch(IntStream.range(0, members).<Command>mapToObj(Samples::join).toList()));
        var stranger = members + 1;
        comesAndGoes = batch(List.of(Samples.join(stranger),
                new Command.Leave(Samples.ROOM, Samples.connection(stranger), Samples.edge(stranger))));
    }

    private static CommandBatch batch(List<Command> commands) {
        return new CommandBatch(LogCodec.COMMANDS_VERSION, commands);
    }

    /** Each batch is a millisecond later, because the shard remembers ids of posts for a limited time. */
    private List<Output> take(CommandBatch batch) {
        var outputs = shard.apply(++offset, Samples.NOW + offset, batch);
        shard.takeChanges();
        return outputs;
    }

    @Benchmark
    @OperationsPerInvocation(POSTS)
    public List<Output> posts() {
        posted += POSTS;
        return take(Samples.posts(posted, POSTS));
    }

    @Benchmark
    public List<Output> joinAndLeave() {
        return take(comesAndGoes);
    }
}
