package io.rejoin.bench.micro;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import io.rejoin.contracts.client.CloseCode;
import io.rejoin.contracts.client.FrameId;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.fanout.FanOut;
import io.rejoin.edge.metrics.FanOutMeters;
import io.rejoin.edge.room.LocalRooms;
import io.rejoin.edge.room.Membership;
import io.rejoin.edge.room.Receiver;
import io.rejoin.edge.room.Receivers;
import io.rejoin.edge.websocket.FrameMemory;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;

/** Benchmarks the fan-out of a message to the members at one edge, up to their sockets. There are no real sockets. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
public class FanningOut {
    private static final long MEMORY = 64L * 1024 * 1024;

    @Param({"1", "10", "1000"})
    public int members;

    private PopulationSize crowd = new PopulationSize();
    private FanOut fanOut = fanOut(crowd);
    private long seq;

    @Setup
    public void fill() {
        crowd = new PopulationSize();
        fanOut = fanOut(crowd);
        for (var member = 0; member < members; member++) {
            crowd.add(member);
            fanOut.deliver(new Delivery.Joined(Samples.ROOM, Samples.connection(member), 1, Samples.NOW, 0, List.of(),
                    members, 1, null));
        }
    }

    private static FanOut fanOut(Receivers receivers) {
        return new FanOut(new LocalRooms(MEMORY), receivers, (_, _, _, _, _) -> {
            throw new IOException("unexpected: a member is behind");
        }, new FrameMemory(MEMORY), new Random(1), new FanOutMeters(new SimpleMeterRegistry()));
    }

    @Benchmark
    public long deliver() {
        fanOut.deliver(Samples.message(++seq));
        return crowd.offered;
    }

    private static final class PopulationSize implements Receivers {
        private final Map<ConnectionId, Member> members = new HashMap<>();
        private long offered;

        void add(int number) {
            members.put(Samples.connection(number), new Member(number));
        }

        @Override
        public @Nullable Receiver find(ConnectionId connection) {
            return members.get(connection);
        }

        @Override
        public Collection<? extends Receiver> of(UserId user) {
            return List.of();
        }

        @Override
        public void rejoinAll() {
            throw new IllegalStateException("unexpected: deliveries are missing");
        }

        private final class Member implements Receiver {
            private final Membership membership;

            Member(int number) {
                this.membership = new Membership(Samples.ROOM, this, Samples.user(number).name(), 1, null, null, null);
            }

            @Override
            public boolean offer(byte[] frame) {
                offered += frame.length;
                return true;
            }

            @Override
            public Membership membership(RoomId room) {
                return membership;
            }

            @Override
            public boolean isOpen() {
                return true;
            }

            @Override
            public boolean acceptsPresenceDiffs() {
                return true;
            }

            @Override
            public void reply(ServerFrame frame) {
                // only the join_ack comes here
            }

            @Override
            public void answerPost(RoomId room, @Nullable FrameId id, ServerFrame answer) {
                throw new IllegalStateException("unexpected: an answer to a post");
            }

            @Override
            public boolean awaitSpace(int length, Duration atMost) {
                throw new IllegalStateException("unexpected: a member is behind");
            }

            @Override
            public void whenSent(Runnable sent) {
                throw new IllegalStateException("unexpected: a trace");
            }

            @Override
            public void close(CloseCode code, String reason) {
                throw new IllegalStateException("unexpected close: " + reason);
            }

            @Override
            public void refreshPresence(Membership asking) {
                throw new IllegalStateException("unexpected: a presence change");
            }

            @Override
            public boolean answerMemberList(Delivery.MemberList list) {
                throw new IllegalStateException("unexpected: a member list");
            }

            @Override
            public void failOutdatedList(Delivery.MemberList list) {
                throw new IllegalStateException("unexpected: a member list");
            }

            @Override
            public void answerAck(Delivery.Acknowledged acknowledged) {
                throw new IllegalStateException("unexpected: an acknowledgement");
            }
        }
    }
}
