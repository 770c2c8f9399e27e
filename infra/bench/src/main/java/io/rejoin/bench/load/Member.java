package io.rejoin.bench.load;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.channels.CancelledKeyException;
import org.jspecify.annotations.Nullable;

/** One member of one room: joins it, posts when told to, and checks what comes. Of its loop's thread, but for {@link #post}. */
final class Member implements Connection.Listener, Incoming {
    /** Of the population: told when a member is in its room, and when it lost its connection. */
    interface Watcher {
        void joined();

        void lost(String why);
    }

    private final Loop loop;
    private final Dialect dialect;
    private final InetSocketAddress address;
    private final int room;
    private final Seat seat;
    private final boolean reads;
    private final Watcher watcher;
    private volatile @Nullable Connection connection;
    private volatile boolean isIn;
    private @Nullable Reception reception;
    private long now;

    /** @param reads whether it ever reads once it has joined */
    Member(Loop loop, Dialect dialect, InetSocketAddress address, int room, Seat seat, boolean reads,
            Watcher watcher) {
        this.loop = loop;
        this.dialect = dialect;
        this.address = address;
        this.room = room;
        this.seat = seat;
        this.reads = reads;
        this.watcher = watcher;
    }

    void connect() {
        try {
            connection = Connection.begin(loop.selector(), address, dialect.path(seat), !reads, this);
        } catch (IOException e) {
            ended("cannot connect: " + e.getMessage());
        }
    }

    void begin(RunningLoad load) {
        reception = reads ? new Reception(load, room, loop.tally()) : null;
    }

    /** From any thread. Whether it was handed to the connection. */
    boolean post(int number) {
        var open = connection;
        if (open == null || !isIn) return false;
        try {
            open.send(dialect.post(seat, number, Texts.of(room, number)));
            return true;
        } catch (IOException | CancelledKeyException _) { // its end is told by the loop
            return false;
        }
    }

    int missing() {
        return reception == null ? 0 : reception.missing();
    }

    void cut() {
        if (connection != null) connection.cut();
        connection = null;
        isIn = false;
    }

    @Override
    public void opened() throws IOException {
        for (var frame : dialect.opening(seat)) send(frame);
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
    }

    @Override
    public void joined(long seq, String epoch) {
        isIn = true;
        if (!reads && connection != null) connection.stall();
        watcher.joined();
    }

    @Override
    public void caughtUp() {
        // nobody resumes yet
    }

    @Override
    public void acknowledged(int number) {
        if (reception != null) reception.acknowledged(number, now);
    }

    @Override
    public void message(long seq, Payload text) {
        if (reception != null) reception.message(seq, text, now);
    }

    @Override
    public void answer(String text) {
        try {
            send(text);
        } catch (IOException e) {
            throw new UncheckedIOException("answer the server", e);
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
