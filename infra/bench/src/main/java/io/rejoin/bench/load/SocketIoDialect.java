package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.US_ASCII;

/**
 * Socket.IO's protocol (version 5) over a WebSocket alone, with the events of the peer's server: {@code join} and
 * {@code message}. The first digit is Engine.IO's packet type: 4 is a message. The second digit is Socket.IO's: 0
 * connects, 2 is an event, 3 is an ack. The id of an ack follows both digits.
 */
final class SocketIoDialect implements Dialect {
    private static final String PONG = "3";
    private static final int JOIN = 0;
    private static final int FIRST_POST = 1;

    private static final byte[] OPEN = ascii("0");
    private static final byte[] PING = ascii("2");
    private static final byte[] CONNECTED = ascii("40");
    private static final byte[] MESSAGE = ascii("42[\"message\",");
    private static final byte[] ACK = ascii("43");

    private static byte[] ascii(String text) {
        return text.getBytes(US_ASCII);
    }

    @Override
    public String path(ConnectionIdentity seat) {
        return "/socket.io/?EIO=4&transport=websocket";
    }

    @Override
    public String post(ConnectionIdentity seat, int number, String text) {
        return "42" + (FIRST_POST + number) + "[\"message\",\"" + text + "\"]";
    }

    @Override
    public void read(Payload message, ConnectionIdentity seat, Incoming incoming) {
        if (message.startsWith(MESSAGE)) incoming.message(0, message);
        else if (message.startsWith(ACK))
            acknowledged((int) message.number(message.from() + ACK.length), seat, incoming);
        else if (message.startsWith(PING)) incoming.answer(PONG);
        else if (message.startsWith(OPEN)) incoming.answer("40{\"name\":\"" + seat.user() + "\"}");
        else if (message.startsWith(CONNECTED)) incoming.answer("42" + JOIN + "[\"join\",\"" + seat.room() + "\"]");
        else
            incoming.refused("not understood: " + message.string());
    }

    private static void acknowledged(int number, ConnectionIdentity seat, Incoming incoming) {
        if (number != JOIN) {
            incoming.acknowledged(number - FIRST_POST);
            return;
        }
        incoming.joined(0, "");
        if (seat.place() == null) return;
        incoming.refused("no resume: the server keeps no messages");
        incoming.caughtUp();
    }
}
