package io.rejoin.listener.http;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.client.RefusalCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;

/**
 * Decodes percent-encoded UTF-8 in a URL (RFC 3986, section 2.1). Each character of the input stands for one byte.
 * Encoded bytes are checked strictly; raw bytes that clients should have encoded are accepted.
 */
final class PercentEncoding {
    private PercentEncoding() {}

    /**
     * @param form whether a plus sign means a space, as in queries written by HTML forms or URLSearchParams
     * @throws RequestRefused 400 when the encoding is malformed or is not UTF-8
     */
    static String decode(String encoded, boolean form) throws RequestRefused {
        var bytes = new ByteArrayOutputStream(encoded.length());
        for (var i = 0; i < encoded.length(); i++) {
            var c = encoded.charAt(i);
            if (c == '%') {
                bytes.write(hex(encoded, i + 1) << 4 | hex(encoded, i + 2));
                i += 2;
            } else {
                bytes.write(form && c == '+' ? ' ' : c);
            }
        }
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes.toByteArray())).toString();
        } catch (CharacterCodingException _) {
            throw malformed();
        }
    }

    private static int hex(String encoded, int index) throws RequestRefused {
        var c = index < encoded.length() ? encoded.charAt(index) : ' ';
        var digit = c < 0x80 ? Character.digit(c, 16) : -1;
        if (digit < 0) throw malformed();
        return digit;
    }

    private static RequestRefused malformed() {
        return new RequestRefused(RefusalCode.BAD_REQUEST, "the URL is not percent-encoded UTF-8");
    }
}
