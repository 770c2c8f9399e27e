package io.rejoin.bench.load;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.BufferedInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * A small chat server on the JSON protocol. It has no fault, or one fault towards the first member of the first room.
 */
final class FaultyServer implements AutoCloseable {
    /** What the server does wrong with each tenth message. */
    enum Fault {
        NONE, LOSES, DOUBLES, SWAPS, NUMBERS_BACKWARDS, MISLEADS, FORGETS_ACK, CLOSES,
        /** A client that resumes does not get the first message that it missed. */
        SKIPS_WHAT_WAS_MISSED
    }

    private static final Pattern REQUEST = Pattern.compile("GET /ws/?(\\S*)\\?name=(\\w[\\w-]*)\\S* HTTP/1.1");
    private static final Pattern POST = Pattern.compile("\"text\":\"(.*?)\",\"id\":\"(.*?)\"");
    private static final Pattern RESUME = Pattern.compile("\"room\":\"(.*?)\",\"after\":(\\d+)");
    private static final Duration MAX_AWAITED = Duration.ofMillis(100);
    private static final int EACH = 10;
    private static final int TEXT = 0x81;
    private static final int CLOSE = 0x88;

    private final ServerSocket server;
    private final Fault fault;
    /** Guarded by this, like everything that is sent to members. */
    private final Map<String, List<Peer>> rooms = new HashMap<>();
    private final Map<String, List<String>> texts = new HashMap<>();

    /** A connection, with a message that is held back to swap it with the next one. */
    private final class Peer {
        private final Socket socket;
        private final boolean suffers;
        private String held = "";

        Peer(Socket socket, boolean suffers) {
            this.socket = socket;
            this.suffers = suffers;
        }

        void send(int opcode, byte[] payload) throws IOException {
            var frame = ByteBuffer.allocate(payload.length + 4).put((byte) opcode);
            if (payload.length < 126) frame.put((byte) payload.length);
            else
                frame.put((byte) 126).putShort((short) payload.length);
            frame.put(payload);
            socket.getOutputStream().write(frame.array(), 0, frame.position());
        }

        void send(String text) throws IOException {
            send(TEXT, text.getBytes(UTF_8));
        }

        void message(int seq, String text) throws IOException {
            var frame = "{\"event\":\"message\",\"seq\":" + seq + ",\"text\":\"" + text + "\"}";
            if (!held.isEmpty()) {
                send(frame);
                send(held);
                held = "";
                return;
            }
            switch (suffers && seq % EACH == 0 ? fault : Fault.NONE) {
                case NONE, FORGETS_ACK, SKIPS_WHAT_WAS_MISSED -> send(frame);
                case LOSES -> {
                    // the message is not sent
                }
                case DOUBLES -> {
                    send(frame);
                    send(frame);
                }
                case SWAPS -> held = frame;
                case NUMBERS_BACKWARDS -> send(frame.replace("\"seq\":" + seq, "\"seq\":" + (seq - 1)));
                case MISLEADS -> send(frame.replace("~rj~000000", "~rj~000001"));
                case CLOSES -> send(CLOSE, new byte[]{0x03, (byte) 0xF5}); // 1013
            }
        }
    }

    FaultyServer(Fault fault) throws IOException {
        this.fault = fault;
        this.server = new ServerSocket(0, 100, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    Address address() {
        return new Address("127.0.0.1", server.getLocalPort());
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                var socket = server.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException _) {
                return; // the server is closed
            }
        }
    }

    private void serve(Socket socket) {
        try (socket) {
            var in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
            var request = REQUEST.matcher(headers(in));
            if (!request.find()) throw new IOException("no such request");
            var peer = new Peer(socket, request.group(2).endsWith("-0"));
            socket.getOutputStream().write("HTTP/1.1 101 Switching Protocols\r\n\r\n".getBytes(ISO_8859_1));
            var room = request.group(1);
            if (room.isEmpty()) room = resume(peer, frame(in));
            else
                join(room, peer);
            while (true) post(room, peer, frame(in));
        } catch (IOException _) {
            // the client has disconnected
        }
    }

    private synchronized void join(String room, Peer peer) throws IOException {
        rooms.computeIfAbsent(room, _ -> new ArrayList<>()).add(peer);
        peer.send("{\"event\":\"welcome\"}");
        peer.send("{\"event\":\"join_ack\",\"seq\":" + told(room).size() + ",\"epoch\":7}");
    }

    private synchronized String resume(Peer peer, String frame) throws IOException {
        var place = RESUME.matcher(frame);
        if (!place.find()) throw new IOException("no such frame: " + frame);
        var room = place.group(1);
        var told = told(room);
        var last = Integer.parseInt(place.group(2));
        awaitMore(told, last);
        join(room, peer);
        var first = last + (fault == Fault.SKIPS_WHAT_WAS_MISSED ? 1 : 0);
        for (var seq = first + 1; seq <= told.size(); seq++) peer.message(seq, told.get(seq - 1));
        peer.send("{\"event\":\"resync\",\"outcome\":\"full\"}");
        return room;
    }

    /**
     * Waits until the client has missed a message, so that the fault can skip one. Gives up if nobody posts any more.
     */
    private void awaitMore(List<String> told, int last) {
        var end = System.nanoTime() + MAX_AWAITED.toNanos();
        try {
            while (told.size() == last && System.nanoTime() < end) wait(MAX_AWAITED.toMillis());
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    /** The posted texts, in the order of their seqs from 1. */
    private List<String> told(String room) {
        return texts.computeIfAbsent(room, _ -> new ArrayList<>());
    }

    private synchronized void post(String room, Peer poster, String frame) throws IOException {
        var post = POST.matcher(frame);
        if (!post.find()) throw new IOException("no such frame: " + frame);
        told(room).add(post.group(1));
        var seq = told(room).size();
        notifyAll();
        if (fault != Fault.FORGETS_ACK || !poster.suffers)
            poster.send("{\"event\":\"ack\",\"id\":\"" + post.group(2) + "\",\"seq\":" + seq + "}");
        for (var peer : rooms.getOrDefault(room, List.of())) {
            try {
                peer.message(seq, post.group(1));
            } catch (IOException _) {
                // this member has disconnected; the others still get the message
            }
        }
    }

    private static String headers(DataInputStream in) throws IOException {
        var text = new StringBuilder();
        while (text.indexOf("\r\n\r\n") < 0) text.append((char) in.readUnsignedByte());
        return text.toString();
    }

    /** Reads a client's frame with a short text. */
    private static String frame(DataInputStream in) throws IOException {
        if (in.readUnsignedByte() != TEXT) throw new IOException("no text");
        var length = in.readUnsignedByte() & 0x7f;
        if (length == 126) length = in.readUnsignedShort();
        var mask = in.readInt();
        var payload = in.readNBytes(length);
        for (var i = 0; i < length; i++) payload[i] ^= (byte) (mask >>> (24 - 8 * (i & 3)));
        return new String(payload, UTF_8);
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
