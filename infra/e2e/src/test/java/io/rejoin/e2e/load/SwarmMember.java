package io.rejoin.e2e.load;

import com.fasterxml.jackson.core.JsonToken;
import io.rejoin.contracts.Json;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.SplittableRandom;
import org.jspecify.annotations.Nullable;

/**
 * A member of a swarm: a socket, a virtual thread and a few numbers. It parses only the fields of a frame that it
 * needs.
 */
final class SwarmMember {
    private static final Duration SILENCE = Duration.ofSeconds(62);
    private static final Duration TICK = Duration.ofSeconds(1);
    private static final Duration ANSWER = Duration.ofSeconds(10);
    private static final Duration CATCH_UP = Duration.ofMinutes(2);
    private static final Duration REFUSED = Duration.ofSeconds(1);
    private static final long STABLE = Duration.ofSeconds(10).toNanos();

    /** The fields of a frame that matter here. */
    private record Frame(String event, long seq, long epoch, long to, String code) {}

    private final Swarm swarm;
    private final String user;
    private final String room;
    private final SplittableRandom random;
    private final Thread thread;
    private volatile @Nullable LeanSocket socket;
    private volatile boolean isLive;
    private volatile boolean ended;
    private volatile boolean wasCut;
    private volatile boolean isCounted;
    private volatile long position = -1;
    private long epoch;
    private Duration spread = Duration.ZERO;
    private int failures;
    private int asked;
    /**
     * True while a join has no answer: frames that arrive meanwhile belong to an earlier join, and will arrive again.
     */
    private boolean isAsking;
    private long joinDue;

    SwarmMember(Swarm swarm, String user, String room, long seed) {
        this.swarm = swarm;
        this.user = user;
        this.room = room;
        this.random = new SplittableRandom(seed);
        this.thread = Thread.ofVirtual().unstarted(this::run);
    }

    /** Connects after that delay. */
    void start(Duration after) {
        spread = after;
        thread.start();
    }

    String room() {
        return room;
    }

    boolean isLive() {
        return isLive;
    }

    long position() {
        return position;
    }

    boolean wasCut() {
        return wasCut;
    }

    void mark() {
        wasCut = false;
        isCounted = false;
    }

    void drop() {
        isLive = false; // set here, because the thread notices the close only later
        wasCut = true;
        var open = socket;
        if (open != null) open.close();
    }

    void end() {
        ended = true;
        thread.interrupt();
        drop();
    }

    private void run() {
        try {
            Thread.sleep(spread);
            while (!ended) {
                follow(swarm.edges.get(random.nextInt(swarm.edges.size())));
                isLive = false;
                if (!ended) Thread.sleep(swarm.backoff.delay(failures++, random));
            }
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private void follow(URI edge) {
        var since = System.nanoTime();
        try (var open = LeanSocket.connect(URI.create(edge + "/ws?presence=diff&name=" + user))) {
            socket = open;
            try {
                ask(open);
                while (!ended) {
                    var text = open.read(TICK);
                    if (text != null) take(frame(text.bytes()));
                    var now = System.nanoTime();
                    if (now - open.heard() > SILENCE.toNanos()) {
                        swarm.odd("no frame within " + SILENCE);
                        return;
                    }
                    if (!isLive && now - joinDue > 0) {
                        swarm.odd("join sent again");
                        ask(open);
                    }
                }
            } catch (IOException e) {
                if (ended) return;
                wasCut = true;
                if (open.closeCode() != null) swarm.odd("closed with " + open.closeCode());
            }
        } catch (LeanSocket.Refused e) {
            swarm.odd("upgrade refused: " + e.status());
        } catch (IOException e) {
            if (!ended) swarm.odd("cannot connect: " + e.getClass().getSimpleName());
        } finally {
            socket = null;
            if (System.nanoTime() - since > STABLE) failures = 0;
        }
    }

    /** Sends a join. It is repeated with growing delays while there is no answer. */
    private void ask(LeanSocket open) throws IOException {
        var frame = Json.MAPPER.createObjectNode().put("event", "join").put("room", room).put("id", "j");
        if (position >= 0) frame.put("after", position).put("epoch", epoch);
        isAsking = true;
        open.send(frame.toString());
        due(ANSWER.plus(swarm.backoff.delay(asked++, random)));
    }

    private void due(Duration after) {
        joinDue = System.nanoTime() + after.toNanos();
    }

    private void take(Frame frame) {
        switch (frame.event) {
            case "join_ack" -> joined(frame);
            case "message" -> message(frame);
            case "resync" -> {
                if (isAsking) return;
                if (frame.to > position) {
                    swarm.missed.addAndGet(frame.to - position);
                    position = frame.to;
                }
                live();
            }
            case "error" -> {
                swarm.odd("error " + frame.code);
                due(REFUSED.plus(swarm.backoff.delay(asked, random)));
            }
            default -> {
                // welcome, presence, presence_diff
            }
        }
    }

    private void joined(Frame frame) {
        asked = 0;
        isAsking = false;
        due(CATCH_UP);
        if (position < 0) {
            position = frame.seq;
            epoch = frame.epoch;
            live();
        } else if (frame.epoch != epoch) {
            if (position > 0) swarm.odd("changed epoch"); // position 0: the room was removed while it was empty
            epoch = frame.epoch;
            position = 0;
        }
    }

    private void message(Frame frame) {
        if (isAsking) return;
        swarm.delivered.incrementAndGet();
        if (frame.seq <= position) {
            swarm.duplicated.incrementAndGet();
        } else {
            swarm.missed.addAndGet(frame.seq - position - 1);
            position = frame.seq;
        }
    }

    private void live() {
        isLive = true;
        if (!wasCut || isCounted) return;
        isCounted = true;
        swarm.isBack();
    }

    /** Parses the first fields of a frame: a server writes fields in the order in which they are declared. */
    private static Frame frame(ByteBuffer text) throws IOException {
        var event = "";
        var code = "";
        var seq = -1L;
        var epoch = -1L;
        var to = -1L;
        try (var parser = Json.MAPPER.getFactory().createParser(text.array(), text.arrayOffset() + text.position(),
                text.remaining())) {
            parser.nextToken();
            while (parser.nextToken() == JsonToken.FIELD_NAME) {
                var field = parser.currentName();
                parser.nextToken();
                switch (field) {
                    case "event" -> event = parser.getText();
                    case "code" -> code = parser.getText();
                    case "seq" -> seq = parser.getLongValue();
                    case "epoch" -> epoch = parser.getLongValue();
                    case "to" -> to = parser.getLongValue();
                    default -> parser.skipChildren();
                }
                if (isOfNoInterest(event) || (seq >= 0 && epoch >= 0)) break;
            }
        }
        return new Frame(event, seq, epoch, to, code);
    }

    private static boolean isOfNoInterest(String event) {
        return event.startsWith("presence") || event.equals("welcome");
    }
}
