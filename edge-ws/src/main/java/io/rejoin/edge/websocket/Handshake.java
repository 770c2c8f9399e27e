package io.rejoin.edge.websocket;

import static java.nio.charset.StandardCharsets.US_ASCII;

import io.rejoin.contracts.client.RefusalCode;
import io.rejoin.listener.http.RequestRefused;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Checks the opening handshake (RFC 6455, section 4.2) and builds its response, without any I/O. The server accepts no
 * extension: it leaves the extensions that a client offers unanswered, which declines them.
 */
final class Handshake {
    private static final String VERSION = "13";
    private static final String GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";
    private static final String SUBPROTOCOL = "rejoin.v1";
    private static final int KEY_BYTES = 16;

    private Handshake() {}

    /**
     * Checks a request that has an {@code Upgrade: websocket} header.
     *
     * @return the request's key, for {@link #accepted}
     * @throws RequestRefused 400 when the request is not a WebSocket handshake, 426 when it asks for another version
     *                        (section 4.4)
     */
    static String check(String method, UpgradeRequest request) throws RequestRefused {
        if (!method.equals("GET"))
            throw new RequestRefused(RefusalCode.BAD_REQUEST, "a WebSocket handshake must be a GET");
        if (!upgrades(request))
            throw new RequestRefused(RefusalCode.BAD_REQUEST,
                    "a WebSocket handshake must have the header Connection: Upgrade");
        var versions = request.headers("Sec-WebSocket-Version");
        if (versions.size() != 1 || !versions.getFirst().strip().equals(VERSION)) {
            throw new RequestRefused(RefusalCode.UPGRADE_REQUIRED, "the WebSocket version must be 13",
                    Map.of("Sec-WebSocket-Version", VERSION));
        }
        var keys = request.headers("Sec-WebSocket-Key");
        if (keys.size() != 1 || !isKey(keys.getFirst().strip())) {
            throw new RequestRefused(RefusalCode.BAD_REQUEST, "Sec-WebSocket-Key must be 16 bytes in base64");
        }
        return keys.getFirst().strip();
    }

    /**
     * Selects {@code rejoin.v1} from the subprotocols that a client offers, or none if the client does not offer it. A
     * browser that offered subprotocols and got none fails the connection. Most other clients go on.
     *
     * @return the selected subprotocol, or null for none
     * @throws RequestRefused 400 when the client offers a token without {@code rejoin.v1}: the server never sends a
     *                        token back, so it could select nothing
     */
    static @Nullable String subprotocol(UpgradeRequest request) throws RequestRefused {
        var offers = request.subprotocols();
        if (offers.contains(SUBPROTOCOL)) return SUBPROTOCOL;
        if (offers.stream().anyMatch(offer -> offer.startsWith(UpgradeRequest.TOKEN_SUBPROTOCOL)))
            throw new RequestRefused(RefusalCode.BAD_REQUEST,
                    "offer the token together with the subprotocol " + SUBPROTOCOL + ", which the server selects");
        return null;
    }

    /** The HTTP response that opens the WebSocket. */
    static byte[] accepted(String key, @Nullable String subprotocol) {
        var selected = subprotocol == null ? "" : "Sec-WebSocket-Protocol: " + subprotocol + "\r\n";
        return ("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: "
                + accept(key) + "\r\n" + selected + "\r\n").getBytes(US_ASCII);
    }

    /** The value of {@code Sec-WebSocket-Accept} for a key (section 4.2.2, item 5.4). */
    static String accept(String key) {
        try {
            var sha1 = MessageDigest.getInstance("SHA-1");
            return Base64.getEncoder().encodeToString(sha1.digest((key + GUID).getBytes(US_ASCII)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this JDK lacks SHA-1", e);
        }
    }

    private static boolean upgrades(UpgradeRequest request) {
        for (var value : request.headers("Connection")) {
            for (var token : value.split(",", -1)) {
                if (token.strip().equalsIgnoreCase("upgrade")) return true;
            }
        }
        return false;
    }

    private static boolean isKey(String key) {
        if (key.length() != 24) return false; // the decoder accepts missing padding
        try {
            return Base64.getDecoder().decode(key).length == KEY_BYTES;
        } catch (IllegalArgumentException _) {
            return false;
        }
    }
}
