package io.rejoin.edge.websocket;

import static io.rejoin.contracts.client.CloseCode.INVALID_PAYLOAD;
import static io.rejoin.contracts.client.CloseCode.MESSAGE_TOO_BIG;
import static io.rejoin.contracts.client.CloseCode.PROTOCOL_ERROR;
import static io.rejoin.edge.websocket.FrameWriter.MAX_CONTROL_PAYLOAD;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.EOFException;
import java.io.IOException;
import java.nio.ByteBuffer;

/**
 * Reads what a client sends, strictly by RFC 6455, and joins frames into messages. The first byte that breaks a rule
 * ends the reading with a {@link ProtocolException}. Memory grows with the bytes received, not with the length that a
 * header announces. For one thread only.
 */
final class FrameReader {
    private static final int NO_MESSAGE = 0;
    private static final int CONTINUATION = 0;

    private final FrameInput input;
    private final MessageBuffer message;
    private final Utf8 utf8 = new Utf8();
    /** The opcode of the first frame of the message in progress. */
    private int messageOpcode = NO_MESSAGE;
    /** Whether the peer has begun a close frame, valid or not. No frame follows a close frame. */
    private boolean hasCloseFrame;

    /**
     * @param messageBytes the largest message, over all its fragments; a larger one fails with {@code MESSAGE_TOO_BIG}
     */
    FrameReader(ByteSource source, int messageBytes) {
        this.input = new FrameInput(source);
        this.message = new MessageBuffer(messageBytes);
    }

    /** Whether bytes have arrived that are not read yet. */
    boolean hasBytes() {
        return input.hasBytes();
    }

    /** Waits for the next message or control frame. Returns {@link Incoming.End} when the stream has ended. */
    Incoming next() throws IOException, ProtocolException {
        try {
            while (true) {
                var header = header();
                checkHeader(header);
                if (header.isControl()) return readControl(header);
                readData(header);
                if (header.fin()) return message();
            }
        } catch (EOFException _) {
            return new Incoming.End();
        }
    }

    /**
     * Discards what the peer still sends after a violation, up to its close frame or the end of its stream. Without
     * this, TCP could reset the connection when it closes, before the peer has read our close frame.
     */
    void skipToClose() throws IOException {
        try {
            input.skipPayload();
            while (!hasCloseFrame) {
                header();
                input.skipPayload();
            }
        } catch (EOFException _) {
            // the end of the stream is enough
        }
    }

    private FrameHeader header() throws IOException {
        var header = input.header();
        hasCloseFrame = header.opcode() == FrameWriter.CLOSE;
        return header;
    }

    private void checkHeader(FrameHeader header) throws ProtocolException {
        if (header.reserved() != 0) throw violation("reserved bits are set, but no extension is in use");
        if (!header.masked()) throw violation("a client's frames must be masked");
        if (!header.canonical()) throw violation("a length must take the fewest bytes and at most 63 bits");
        switch (header.opcode()) {
            case CONTINUATION -> {
                if (messageOpcode == NO_MESSAGE) throw violation("a continuation frame without a message");
            }
            case FrameWriter.TEXT, FrameWriter.BINARY -> {
                if (messageOpcode != NO_MESSAGE) throw violation("a new message before the end of a fragmented one");
            }
            case FrameWriter.CLOSE, FrameWriter.PING, FrameWriter.PONG -> {
                if (!header.fin()) throw violation("control frames must not be fragmented");
                if (header.length() > MAX_CONTROL_PAYLOAD) throw violation("control frames hold at most 125 bytes");
            }
            default -> throw violation("reserved opcode " + header.opcode());
        }
    }

    private Incoming readControl(FrameHeader header) throws IOException, ProtocolException {
        var payload = new byte[(int) header.length()];
        for (var filled = 0; filled < payload.length;) {
            filled += input.payload(payload, filled, payload.length - filled);
        }
        return switch (header.opcode()) {
            case FrameWriter.PING -> new Incoming.Ping(ByteBuffer.wrap(payload));
            case FrameWriter.PONG -> new Incoming.Pong();
            default -> close(payload);
        };
    }

    private Incoming close(byte[] payload) throws ProtocolException {
        if (payload.length == 0) return new Incoming.Close(FrameWriter.NO_CODE, "");
        if (payload.length == 1) throw violation("a close code must have two bytes");
        var code = Short.toUnsignedInt(ByteBuffer.wrap(payload).getShort());
        if (!isCloseCode(code)) throw violation("close code " + code + " must not be sent");
        var reason = new Utf8();
        if (!reason.accept(payload, 2, payload.length) || !reason.isComplete()) {
            throw new ProtocolException(INVALID_PAYLOAD, "the close reason is not UTF-8");
        }
        return new Incoming.Close(code, new String(payload, 2, payload.length - 2, UTF_8));
    }

    /**
     * Whether a peer may send this code: a defined one (section 7.4, IANA's registry), or one for libraries and
     * applications.
     */
    private static boolean isCloseCode(int code) {
        return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) || (code >= 3000 && code <= 4999);
    }

    private void readData(FrameHeader header) throws IOException, ProtocolException {
        if (header.opcode() != CONTINUATION) messageOpcode = header.opcode();
        if (header.length() > message.remaining()) {
            throw new ProtocolException(MESSAGE_TOO_BIG, "a message may have at most " + message.limit() + " bytes");
        }
        while (input.remaining() > 0) {
            var from = message.size();
            message.read(input);
            if (messageOpcode == FrameWriter.TEXT && !utf8.accept(message.bytes(), from, message.size()))
                throw notUtf8();
        }
    }

    private Incoming message() throws ProtocolException {
        var isText = messageOpcode == FrameWriter.TEXT;
        messageOpcode = NO_MESSAGE;
        if (!isText) return new Incoming.Binary(message.takeBytes());
        if (!utf8.isComplete()) throw notUtf8();
        return new Incoming.Text(message.takeText());
    }

    private static ProtocolException violation(String message) {
        return new ProtocolException(PROTOCOL_ERROR, message);
    }

    private static ProtocolException notUtf8() {
        return new ProtocolException(INVALID_PAYLOAD, "the text is not UTF-8");
    }
}
