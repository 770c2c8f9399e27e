package io.rejoin.e2e.check;

import io.rejoin.contracts.client.ServerFrame.Action;
import io.rejoin.contracts.client.ServerFrame.Outcome;
import io.rejoin.e2e.check.Observation.At;
import io.rejoin.e2e.check.Observation.End;
import io.rejoin.e2e.check.Observation.Phase;
import io.rejoin.e2e.check.Observation.Source;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Generates the history of a correct run from a seed. Connections are lost and resumed. Posts fail, or time out and are
 * stored or not. Acks repeat, messages are redelivered, faults begin and end, and one room's epoch changes once.
 */
final class GoodRun {
    private static final int STEPS = 1_500;
    private static final long MS = 1_000_000;

    private record Posted(String author, String id, String text, long epoch, long seq) {}

    private record Ack(Posted message, boolean isDuplicate) {}

    private static final class Room {
        private final String name;
        private final List<Member> members;
        private final List<Posted> order = new ArrayList<>();
        private final List<Posted> earlier = new ArrayList<>();
        private long epoch = 1;
        private long version;

        Room(String name, int members) {
            this.name = name;
            this.members = IntStream.range(0, members).mapToObj(m -> new Member(this, name + "-" + m)).toList();
        }

        List<String> present() {
            return members.stream().filter(member -> member.isConnected).map(member -> member.user).toList();
        }
    }

    private static final class Member {
        private final Room room;
        private final String user;
        private final Deque<Ack> acks = new ArrayDeque<>();
        private boolean isConnected;
        private int conn;
        private int number;
        private int position;
        private @Nullable Long epoch;

        Member(Room room, String user) {
            this.room = room;
            this.user = user;
        }
    }

    private final Random random;
    private final List<Observation> lines = new ArrayList<>();
    private final List<Room> rooms = List.of(new Room("a", 4), new Room("b", 3));
    private long t;
    private boolean isFaulty;

    private GoodRun(long seed) {
        random = new Random(seed);
    }

    static List<Observation> of(long seed) {
        var run = new GoodRun(seed);
        run.rooms.forEach(room -> room.members.forEach(run::connect));
        for (var step = 0; step < STEPS; step++) {
            run.step(step);
        }
        run.end();
        return run.lines;
    }

    private void step(int step) {
        var room = rooms.get(random.nextInt(rooms.size()));
        var member = room.members.get(random.nextInt(room.members.size()));
        if (step == STEPS / 2) beginAnew(rooms.getFirst());
        if (step % 400 == 200 || step % 400 == 300) fault();
        var dice = random.nextInt(100);
        if (!member.isConnected) {
            if (dice < 10) connect(member);
        } else if (dice < 30) {
            post(member, random.nextInt(10));
        } else if (dice < 93) {
            if (random.nextBoolean()) deliver(member);
            else
                acknowledge(member);
        } else if (dice < 96) {
            redeliver(member);
        } else {
            disconnect(member);
        }
    }

    private void post(Member member, int fate) {
        var id = member.user + "." + member.number++;
        var room = member.room;
        lines.add(new Observation.Invoke(at(member), room.name, id, "text of " + id));
        if (fate == 0) {
            lines.add(new Observation.Fail(at(member), room.name, id, "overloaded"));
            return;
        }
        if (fate < 4) lines.add(new Observation.Unknown(at(member), room.name, id, "no answer"));
        if (fate == 1) return; // it never arrived at the server
        var posted = new Posted(member.user, id, "text of " + id, room.epoch, room.order.size() + 1);
        room.order.add(posted);
        if (fate > 2) member.acks.add(new Ack(posted, fate == 3)); // fate 2: stored, but never acknowledged
    }

    private void deliver(Member member) {
        if (member.position == member.room.order.size()) return;
        deliver(member, member.room.order.get(member.position++), null);
    }

    private void redeliver(Member member) {
        if (member.position > 0) deliver(member, member.room.order.get(random.nextInt(member.position)), true);
    }

    private void deliver(Member member, Posted posted, @Nullable Boolean redelivered) {
        lines.add(new Observation.Deliver(at(member), member.room.name, posted.seq, posted.epoch, posted.id,
                posted.author, posted.text, 0, redelivered));
    }

    private void acknowledge(Member member) {
        var ack = member.acks.poll();
        if (ack == null) return;
        lines.add(new Observation.Ok(at(member), member.room.name, ack.message.id, ack.message.seq, ack.message.epoch,
                ack.isDuplicate ? true : null));
        if (!ack.isDuplicate && random.nextInt(10) == 0) member.acks.add(new Ack(ack.message, true)); // sent twice
    }

    private void connect(Member member) {
        var room = member.room;
        member.conn++;
        lines.add(new Observation.Connect(at(member), "edge"));
        var after = (long) member.position;
        var epoch = member.epoch;
        lines.add(new Observation.Join(at(member), room.name, after, epoch));
        member.isConnected = true;
        change(room, member, Action.JOIN);
        var head = room.order.size();
        lines.add(new Observation.Joined(at(member), room.name, head, room.epoch, room.present(),
                room.present().size(), room.version, null));
        member.epoch = room.epoch;
        if (epoch != null && epoch != room.epoch) {
            member.position = head;
            lines.add(new Observation.Resync(at(member), room.name, head + 1, head, Outcome.UNRECOVERABLE));
            return;
        }
        while (member.position < head) deliver(member);
        lines.add(new Observation.Resync(at(member), room.name, after + 1, head, Outcome.FULL));
    }

    private void disconnect(Member member) {
        lines.add(new Observation.Disconnect(at(member), null, End.LOST));
        member.isConnected = false;
        change(member.room, member, Action.LEAVE);
        var lost = List.copyOf(member.acks);
        member.acks.clear();
        for (var ack : lost) {
            lines.add(new Observation.Unknown(at(member), member.room.name, ack.message.id, "connection lost"));
            if (random.nextBoolean()) member.acks.add(new Ack(ack.message, true)); // sent again after the resume
        }
    }

    private void change(Room room, Member who, Action action) {
        room.version++;
        for (var member : room.members) {
            if (member == who || !member.isConnected) continue;
            var names = List.of(who.user);
            lines.add(random.nextBoolean()
                    ? new Observation.Presence(at(member), room.name, who.user, action, room.present().size(),
                            room.version)
                    : new Observation.PresenceDiff(at(member), room.name, action == Action.JOIN ? names : List.of(),
                            action == Action.LEAVE ? names : List.of(), room.present().size(), room.version));
        }
    }

    /** The routers lose their state: all members are disconnected, and posts without an answer stay unknown. */
    private void beginAnew(Room room) {
        for (var member : room.members) {
            while (!member.acks.isEmpty()) acknowledge(member);
            if (member.isConnected) disconnect(member);
        }
        room.earlier.addAll(room.order);
        room.order.clear();
        room.epoch++;
        room.version = 0;
    }

    private void fault() {
        isFaulty = !isFaulty;
        t += 5 * MS;
        lines.add(new Observation.Fault(new At(t, "chaos", "", 0), "kill", "edge-0",
                isFaulty ? Phase.BEGIN : Phase.END));
    }

    private void end() {
        for (var room : rooms) {
            for (var member : room.members) {
                if (!member.isConnected) connect(member);
            }
            var last = room.members.getFirst();
            post(last, 9);
            for (var member : room.members) {
                while (!member.acks.isEmpty()) acknowledge(member);
                while (member.position < room.order.size()) deliver(member);
            }
            finalReads(room);
        }
        for (var room : rooms) {
            for (var member : room.members) lines.add(new Observation.Disconnect(at(member), null, End.DONE));
        }
    }

    private void finalReads(Room room) {
        var reader = new Member(room, "reader-" + room.name);
        lines.add(new Observation.Connect(at(reader), "edge"));
        lines.add(new Observation.Join(at(reader), room.name, 0L, null));
        var present = new ArrayList<>(room.present());
        present.add(reader.user);
        lines.add(new Observation.Joined(at(reader), room.name, room.order.size(), room.epoch, present, present.size(),
                null, null));
        change(room, reader, Action.JOIN);
        room.order.forEach(posted -> read(reader, Source.CLIENT, posted));
        room.order.forEach(posted -> read(reader, Source.HISTORY, posted));
        lines.add(new Observation.FinalPresence(at(reader), room.name, present, present.size()));
        lines.add(new Observation.Disconnect(at(reader), null, End.LEFT));
        change(room, reader, Action.LEAVE);
        room.earlier.forEach(posted -> read(reader, Source.TOPIC, posted));
        room.order.forEach(posted -> read(reader, Source.TOPIC, posted));
    }

    private void read(Member reader, Source source, Posted posted) {
        lines.add(new Observation.FinalRead(at(reader), source, reader.room.name, posted.seq, posted.epoch, posted.id,
                posted.author, posted.text));
    }

    private At at(Member member) {
        t += random.nextLong(20 * MS) + 1;
        return new At(t, member.user, member.user, member.conn);
    }
}
