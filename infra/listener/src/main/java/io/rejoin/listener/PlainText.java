package io.rejoin.listener;

import static java.nio.charset.StandardCharsets.US_ASCII;

/** What is said to a client that speaks no TLS on a port where TLS is spoken. */
final class PlainText {
    private static final String BODY = "{\"code\":\"bad_request\",\"message\":\"this port speaks TLS: use https:// or"
            + " wss://\"}";
    static final byte[] REFUSAL = ("HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: "
            + BODY.length() + "\r\nConnection: close\r\n\r\n" + BODY).getBytes(US_ASCII);

    private PlainText() {}
}
