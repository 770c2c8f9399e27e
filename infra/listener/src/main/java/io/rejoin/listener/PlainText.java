package io.rejoin.listener;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** The answer to a client that sends plain HTTP to a TLS port. */
final class PlainText {
    private static final String BODY = "{\"code\":\"bad_request\",\"message\":\"this port speaks TLS: use https:// or"
            + " wss://\"}";
    static final byte[] REFUSAL = ("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: "
            + BODY.length() + "\r\nConnection: close\r\n\r\n" + BODY).getBytes(US_ASCII);

    private PlainText() {}
}
