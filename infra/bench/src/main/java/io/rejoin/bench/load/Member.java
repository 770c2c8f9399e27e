package io.rejoin.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.channels.CancelledKeyException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import org.jspecify.annotations.Nullable;

/**
 * One member of one room: joins the room, posts when told to, and checks the messages that arrive. Only its loop's
 * thread may call the methods, except {@link #post}.
 */
final class Member implements Connection.Listener, Incoming {
    /** Observer of a member: the population implements it. */
    interface Watcher {
        void joined();

        void lost(String why);
    }

    /** A member that cannot connect tries again after a random time, at most this long. */
    private static final Duration RETRY = Duration.ofMillis(300);

    private final Loop loop;
    private final Dialect dialect;
    private final InetSocketAddress address;
    private final Role role;
    private final Watcher watcher;
    private ConnectionIdentity seat;
    private volatile @Nullable Connection connection;
    private volatile boolean isIn;
    private @Nullable DeliveryCheck reception;
    private long now;
    private boolean posts;
    private boolean isConnecting;
    /** The seq of the last message. A resume sends it with the epoch. */
    private long seq;
    private String epoch = "";
    private boolean returns;
    private boolean isBack = true;
    private long away;

    Member(Loop loop, Dialect dialect, InetSocketAddress address, Role role, ConnectionIdentity seat, Watcher watcher) {
        this.loop = loop;
        this.dialect = dialect;
        this.address = address;
        this.role = role;
        this.seat = seat;
        this.watcher = watcher;
    }

    /** Connects; the loop calls this when the member may connect. */
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

    /** Starts to connect a late member. The time until it has joined is recorded as a return. */
    void arrive() {
        leave();
        loop.connect(this);
    }

    void begin(RunningLoad load) {
        posts = role.index() < load.schedule.posters();
        reception = role.part() == Role.Part.STALLED ? null : new DeliveryCheck(load, role.room(), loop.tally());
    }

    /**
     * Cuts its connection and reconnects to the same room. Does nothing for late and stalled members and for posters.
     */
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

    /** Posts; true if the connection took the frame. Any thread may call it. */
    boolean post(int number) {
        var open = connection;
        if (open == null || !isIn) return false;
        try {
            open.send(dialect.post(seat, number, Texts.of(role.room(), number)));
            return true;
        } catch (IOException | CancelledKeyException _) { // the loop reports the end of the connection
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
        } catch (IOException e) { // if the connection is broken, the next read reports that
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
