package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.util.List;

/**
 * The JSON protocol of the centrifuge library: commands, replies and pushes. Each is one line; a WebSocket message may
 * hold several lines. The line {@code {}} is a ping, and the client answers it with the same line. A room is a channel.
 */
final class CentrifugeDialect implements Dialect {
    private static final int CONNECT = 1;
    private static final int SUBSCRIBE = 2;
    private static final int FIRST_POST = 3;
    private static final String PONG = "{}";

    private static final byte[] PING = ascii("{}");
    private static final byte[] PUSH = ascii("{\"push\":{");
    private static final byte[] PUBLICATION = ascii("\"pub\":{");
    private static final byte[] REPLY = ascii("{\"id\":");
    private static final byte[] SUBSCRIBED = ascii("\"subscribe\":{");
    private static final byte[] PUBLISHED = ascii("\"publish\":{");
    private static final byte[] ERROR = ascii("\"error\":{");
    private static final byte[] PUBLICATIONS = ascii("\"publications\":[");
    private static final byte[] DATA = ascii("{\"data\":");
    private static final byte[] END_OF_LIST = ascii("]");
    private static final byte[] RECOVERED = ascii("\"recovered\":true");
    private static final byte[] OFFSET = ascii("\"offset\":");
    private static final byte[] EPOCH = ascii("\"epoch\":\"");

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    @Override
    public String path(ConnectionIdentity seat) {
        return "/connection/websocket";
    }

    /** Sends both commands in one message: the server executes commands in their order. */
    @Override
    public List<String> opening(ConnectionIdentity seat) {
        var place = seat.place();
        var recovery = place == null
                ? ""
                : ",\"recover\":true,\"epoch\":\"" + place.epoch() + "\",\"offset\":" + place.seq();
        return List.of("{\"id\":" + CONNECT + ",\"connect\":{\"name\":\"" + seat.user() + "\"}}\n{\"id\":" + SUBSCRIBE
                + ",\"subscribe\":{\"channel\":\"" + seat.room() + "\"" + recovery + "}}");
    }

    @Override
    public String post(ConnectionIdentity seat, int number, String text) {
        return "{\"id\":" + (FIRST_POST + number) + ",\"publish\":{\"channel\":\"" + seat.room()
                + "\",\"data\":{\"text\":\"" + text + "\"}}}";
    }

    @Override
    public void read(Payload message, ConnectionIdentity seat, Incoming incoming) {
        var bytes = message.bytes();
        var start = message.from();
        for (var at = start; at < message.to(); at++) {
            if (bytes[at] != '\n') continue;
            line(message.part(start, at), seat, incoming);
            start = at + 1;
        }
        if (start < message.to()) line(message.part(start, message.to()), seat, incoming);
    }

    private static void line(Payload line, ConnectionIdentity seat, Incoming incoming) {
        if (line.startsWith(PUSH)) pushed(line, incoming);
        else if (line.startsWith(REPLY)) replied(line, seat, incoming);
        else if (line.startsWith(PING)) incoming.answer(PONG);
        else
            incoming.refused("not understood: " + line.string());
    }

    private static void pushed(Payload line, Incoming incoming) {
        if (line.find(PUBLICATION) == Payload.NONE) incoming.refused("unexpected push: " + line.string());
        else
            incoming.message(line.number(line.find(OFFSET)), line);
    }

    private static void replied(Payload line, ConnectionIdentity seat, Incoming incoming) {
        if (line.find(ERROR) != Payload.NONE) incoming.refused("error: " + line.string());
        else if (line.find(PUBLISHED) != Payload.NONE)
            incoming.acknowledged((int) line.number(line.from() + REPLY.length) - FIRST_POST);
        else if (line.find(SUBSCRIBED) != Payload.NONE) subscribed(line, seat, incoming);
    }

    private static void subscribed(Payload line, ConnectionIdentity seat, Incoming incoming) {
        var publications = line.find(PUBLICATIONS);
        var end = publications == Payload.NONE ? line.from() : line.find(END_OF_LIST, publications); // no text has a ]
        var epoch = line.find(EPOCH);
        incoming.joined(line.number(line.find(OFFSET, end)), epoch == Payload.NONE ? "" : line.until(epoch, '"', '"'));
        if (seat.place() == null) return;
        if (line.find(RECOVERED, end) == Payload.NONE) incoming.refused("not recovered");
        if (publications != Payload.NONE) missed(line.part(publications, end), incoming);
        incoming.caughtUp();
    }

    private static void missed(Payload publications, Incoming incoming) {
        var start = publications.find(DATA);
        while (start != Payload.NONE) {
            var next = publications.find(DATA, start);
            var one = publications.part(start, next == Payload.NONE ? publications.to() : next);
            incoming.message(one.number(one.find(OFFSET)), one);
            start = next;
        }
    }
}
