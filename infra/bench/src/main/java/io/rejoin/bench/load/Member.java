package io.rejoin.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.CancelledKeyException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/** One member of one room: joins it, posts when told to, and checks what comes. Of its loop's thread, but for {@link #post}. */
final class Member implements Connection.Listener, Incoming {
    /** Of the population: told when a member is in its room, and when it lost its connection. */
    interface Watcher {
        void joined();

        void lost(String why);
    }

    /** Whoever cannot connect tries again after a random time of this at most. */
    private static final Duration RETRY = Duration.ofMillis(300);

    private final Loop loop;
    private final Dialect dialect;
    private final InetSocketAddress address;
    private final Role role;
    private final Watcher watcher;
    private Seat seat;
    private volatile @Nullable Connection connection;
    private volatile boolean isIn;
    private @Nullable Reception reception;
    private long now;
    private boolean posts;
    private boolean isConnecting;
    /** Of the last message, and what a resume has to name beside it. */
    private long seq;
    private String epoch = "";
    private boolean returns;
    private boolean isBack = true;
    private long away;

    Member(Loop loop, Dialect dialect, InetSocketAddress address, Role role, Seat seat, Watcher watcher) {
        this.loop = loop;
        this.dialect = dialect;
        this.address = address;
        this.role = role;
        this.seat = seat;
        this.watcher = watcher;
    }

    /** Of its loop, when its turn has come. */
    void connect() {
        isConnecting = true;
        try {
            connection = Connection.begin(loop.selector(), address, dialect.path(seat),
                    role.part() == Role.Part.STALLED,
                    this);
        } catch (IOException e) {
            ended("cannot connect: " + e.getMessage());
        }
    }

    /** A late one begins, and how long it takes until it is in counts. */
    void arrive() {
        leave();
        loop.connect(this);
    }

    void begin(RunningLoad load) {
        posts = role.index() < load.schedule.posters();
        reception = role.part() == Role.Part.STALLED ? null : new Reception(load, role.room(), loop.tally());
    }

    /** Loses its connection without a word, and comes back to where it was; unless it is late, stalled, or posts. */
    void fallAndReturn() {
        if (role.part() != Role.Part.EARLY || posts) return;
        returns = true;
        cut();
        connected();
        leave();
        comeBack();
    }

    private void leave() {
        isBack = false;
        away = System.nanoTime();
    }

    private void comeBack() {
        if (role.resumes()) seat = seat.at(new Place(seq, epoch));
        loop.connect(this);
    }

    /** From any thread. Whether it was handed to the connection. */
    boolean post(int number) {
        var open = connection;
        if (open == null || !isIn) return false;
        try {
            open.send(dialect.post(seat, number, Texts.of(role.room(), number)));
            return true;
        } catch (IOException | CancelledKeyException _) { // its end is told by the loop
            return false;
        }
    }

    int missing() {
        return reception == null || role.part() == Role.Part.LATE ? 0 : reception.missing();
    }

    void cut() {
        if (connection != null) connection.cut();
        connection = null;
        isIn = false;
    }

    @Override
    public void opened() throws IOException {
        connected();
        for (var frame : dialect.opening(seat)) send(frame);
    }

    private void connected() {
        if (isConnecting) loop.hasConnected();
        isConnecting = false;
    }

    @Override
    public void text(Payload message, long readAt) {
        now = readAt;
        dialect.read(message, seat, this);
    }

    @Override
    public void ended(String why) {
        connection = null;
        isIn = false;
        loop.tally().odd(why);
        watcher.lost(why);
        connected();
        if (returns)
            loop.later(Duration.ofNanos(ThreadLocalRandom.current().nextLong(RETRY.toNanos())), this::comeBack);
    }

    @Override
    public void joined(long last, String epochOfRoom) {
        isIn = true;
        epoch = epochOfRoom;
        if (seat.place() == null) {
            seq = last;
            caughtUp();
        }
        if (role.part() == Role.Part.STALLED && connection != null) connection.stall();
        watcher.joined();
    }

    @Override
    public void caughtUp() {
        if (!isBack) Tally.record(loop.tally().returns, now - away);
        isBack = true;
    }

    @Override
    public void acknowledged(int number) {
        if (reception != null) reception.acknowledged(number, now);
    }

    @Override
    public void message(long seqOfMessage, Payload text) {
        if (seqOfMessage != 0) seq = seqOfMessage;
        if (reception != null) reception.message(seqOfMessage, text, now);
    }

    @Override
    public void answer(String text) {
        try {
            send(text);
        } catch (IOException e) { // if the connection is broken, the next read ends it
            refused("cannot answer: " + e.getMessage());
        }
    }

    @Override
    public void refused(String why) {
        loop.tally().odd(why);
    }

    private void send(String text) throws IOException {
        if (connection != null) connection.send(text);
    }
}
