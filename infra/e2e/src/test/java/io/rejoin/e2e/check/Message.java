package io.rejoin.e2e.check;

/** All that a history says of one message. */
final class Message {
    /** What a line says of a message: where it stands, and its body as a hash. */
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
    /** When it began; the body is what was sent. */
    Sight invoked = Sight.NONE;
    long invokedAt;
    /** The first ok. */
    Sight ok = Sight.NONE;
    long okAt;
    /** The first time it was seen, wherever. */
    Sight seen = Sight.NONE;
    long failLine;
    boolean isUnknown;
    /** A bit for each final read that has it. */
    int finalReads;

    Message(String author, String id) {
        this.author = author;
        this.id = id;
    }

    boolean isOk() {
        return ok.is();
    }

    /** Surely not done: nobody may see it. */
    boolean isAborted() {
        return failLine > 0 && !isUnknown && !ok.is();
    }

    /** Where it stands: where it was seen, or else what its ack says. */
    Sight place() {
        return seen.is() ? seen : ok;
    }

    @Override
    public String toString() {
        return id + " of " + author;
    }

    /** FNV-1a over the characters; 64 bits, so that no two bodies of a run are taken for one. */
    static long body(String text) {
        var hash = 0xcbf29ce484222325L;
        for (var i = 0; i < text.length(); i++) hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
        return hash;
    }
}
