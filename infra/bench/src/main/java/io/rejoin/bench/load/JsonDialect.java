package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;

/** Rejoin's protocol: {@code {"event":"message","text":…}}. The small servers on Node's {@code ws} speak it too. */
final class JsonDialect implements Dialect {
    /** The same options as the JavaScript client sends. */
    private static final String AS_OUR_CLIENT = "&presence=diff&direct=off";
    private static final byte[] EVENT = ascii("\"event\":\"");
    private static final byte[] MESSAGE = ascii("message\"");
    private static final byte[] ACK = ascii("ack\"");
    private static final byte[] JOINED = ascii("join_ack\"");
    private static final byte[] RESYNC = ascii("resync\"");
    private static final byte[] ERROR = ascii("error\"");
    private static final byte[] SEQ = ascii("\"seq\":");
    private static final byte[] EPOCH = ascii("\"epoch\":");
    private static final byte[] ID = ascii("\"id\":\"");
    private static final byte[] CODE = ascii("\"code\":\"");
    private static final byte[] FULL = ascii("\"outcome\":\"full\"");

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    @Override
    public String path(ConnectionIdentity seat) {
        var path = seat.place() == null ? "/ws/" + seat.room() : "/ws";
        return path + "?name=" + seat.user() + AS_OUR_CLIENT;
    }

    @Override
    public List<String> opening(ConnectionIdentity seat) {
        var place = seat.place();
        if (place == null) return List.of();
        var epoch = place.epoch().isEmpty() ? "" : ",\"epoch\":" + place.epoch();
        return List.of("{\"event\":\"join\",\"room\":\"" + seat.room() + "\",\"after\":" + place.seq() + epoch + "}");
    }

    @Override
    public String post(ConnectionIdentity seat, int number, String text) {
        return "{\"event\":\"message\",\"text\":\"" + text + "\",\"id\":\"" + number + "\"}";
    }

    @Override
    public void read(Payload message, ConnectionIdentity seat, Incoming incoming) {
        var event = message.find(EVENT);
        if (event == Payload.NONE) return;
        if (message.isAt(event, MESSAGE)) incoming.message(message.number(message.find(SEQ)), message);
        else if (message.isAt(event, ACK)) incoming.acknowledged((int) message.number(message.find(ID)));
        else if (message.isAt(event, JOINED)) joined(message, incoming);
        else if (message.isAt(event, RESYNC)) resumed(message, incoming);
        else if (message.isAt(event, ERROR)) incoming.refused("error " + after(CODE, message));
    }

    private static void joined(Payload message, Incoming incoming) {
        incoming.joined(message.number(message.find(SEQ)), after(EPOCH, message));
    }

    /** Any outcome other than {@code full} means that some missed messages are no longer available. */
    private static void resumed(Payload message, Incoming incoming) {
        if (message.find(FULL) == Payload.NONE) incoming.refused("resumed in part");
        incoming.caughtUp();
    }

    private static String after(byte[] field, Payload message) {
        var at = message.find(field);
        return at == Payload.NONE ? "" : message.until(at, ',', '}').replace("\"", "");
    }
}
