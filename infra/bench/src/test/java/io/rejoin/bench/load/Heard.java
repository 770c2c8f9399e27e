package io.rejoin.bench.load;

import java.util.ArrayList;
import java.util.List;

/** Records the calls that a dialect makes for a server's messages, in order. */
final class Heard implements Incoming {
    private final List<String> all = new ArrayList<>();

    static List<String> of(Dialect dialect, ConnectionIdentity seat, String... messages) {
        var heard = new Heard();
        for (var message : messages) dialect.read(surrounded(message), seat, heard);
        return heard.all;
    }

    /**
     * Puts the message into the middle of a larger buffer, as after a read from a socket, between bytes of other
     * messages.
     */
    private static Payload surrounded(String message) {
        var others = "{\"offset\":99}\n";
        var whole = Payload.of(others + message + others);
        return whole.part(whole.from() + others.length(), whole.to() - others.length());
    }

    @Override
    public void joined(long seq, String epoch) {
        all.add("joined at " + seq + (epoch.isEmpty() ? "" : " of " + epoch));
    }

    @Override
    public void caughtUp() {
        all.add("caught up");
    }

    @Override
    public void acknowledged(int number) {
        all.add("ack of " + number);
    }

    @Override
    public void message(long seq, Payload text) {
        var at = Texts.find(text);
        all.add("message " + seq + ": " + Texts.room(text, at) + "/" + Texts.number(text, at));
    }

    @Override
    public void answer(String text) {
        all.add("answer " + text);
    }

    @Override
    public void refused(String why) {
        all.add("refused: " + why);
    }
}
