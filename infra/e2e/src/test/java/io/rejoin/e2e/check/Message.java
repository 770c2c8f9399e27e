package io.rejoin.e2e.check;

/** Everything that a history says about one message. */
final class Message {
    /** What one line says about a message: its place in the room's order, and a hash of its body. */
    record Sight(long line, long epoch, long seq, long body) {
        static final Sight NONE = new Sight(0, 0, 0, 0);

        boolean is() {
            return line > 0;
        }

        boolean isAtPlaceOf(Sight other) {
            return epoch == other.epoch && seq == other.seq;
        }

        String place() {
            return "seq " + seq + " of epoch " + epoch;
        }
    }

    final String author;
    final String id;
    /** The line where the post began, with the hash of the body that was sent. */
    Sight invoked = Sight.NONE;
    long invokedAt;
    /** The first ack. */
    Sight ok = Sight.NONE;
    long okAt;
    /** The first delivery or final read. */
    Sight seen = Sight.NONE;
    long failLine;
    boolean isUnknown;
    /** A bit for each final read that contains the message. */
    int finalReads;

    Message(String author, String id) {
        this.author = author;
        this.id = id;
    }

    boolean isOk() {
        return ok.is();
    }

    /** Whether the post surely failed, so that nobody may see the message. */
    boolean isAborted() {
        return failLine > 0 && !isUnknown && !ok.is();
    }

    /** The message's place: where it was seen, or else the place in its ack. */
    Sight place() {
        return seen.is() ? seen : ok;
    }

    @Override
    public String toString() {
        return id + " of " + author;
    }

    /** FNV-1a over the characters, with 64 bits, so that a collision of two bodies in a run is very unlikely. */
    static long body(String text) {
        var hash = 0xcbf29ce484222325L;
        for (var i = 0; i < text.length(); i++) hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        return hash;
    }
}
