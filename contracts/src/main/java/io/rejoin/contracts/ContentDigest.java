package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.TreeMap;

/**
 * A short digest of a message's content. It shows whether two posts with the same id are copies or different messages.
 * Edges write it into posts, and routers keep it as long as the id. So every version must compute the same digest: the
 * algorithm must never change.
 *
 * <p>The digest depends on the JSON value, not on its written form. The order of an object's fields, white space,
 * escapes and {@code 1.0} for {@code 1} make no difference. So a program may write its JSON anew for each attempt, and
 * the digest stays the same.
 */
public final class ContentDigest {
    /** Stands for a missing digest. Posts from versions without digests have none. */
    public static final long NONE = 0;

    private ContentDigest() {}

    /** The digest; never {@link #NONE}. */
    public static long of(Content content) {
        var canonical = new StringBuilder();
        var data = content.data();
        if (data == null) append("text", String.valueOf(content.text()), canonical);
        else
            append(tree(data), canonical);
        var digest = ByteBuffer.wrap(sha256().digest(canonical.toString().getBytes(UTF_8))).getLong();
        return digest == NONE ? 1 : digest;
    }

    private static JsonNode tree(JsonText data) {
        try {
            return Json.MAPPER.readTree(data.json());
        } catch (JacksonException e) {
            throw new IllegalArgumentException("not JSON: " + e.getOriginalMessage(), e);
        }
    }

    private static void append(JsonNode json, StringBuilder to) {
        switch (json.getNodeType()) {
            case OBJECT -> {
                var sorted = new TreeMap<String, JsonNode>();
                json.properties().forEach(field -> sorted.put(field.getKey(), field.getValue()));
                to.append("object").append(sorted.size()).append(':');
                sorted.forEach((name, value) -> {
                    append("name", name, to);
                    append(value, to);
                });
            }
            case ARRAY -> {
                to.append("array").append(json.size()).append(':');
                json.forEach(item -> append(item, to));
            }
            case NUMBER -> append("number", json.decimalValue().stripTrailingZeros().toString(), to);
            case STRING -> append("string", json.textValue(), to);
            default -> append("literal", json.asText(), to);
        }
    }

    /** Appends the value with its length, so that two different contents never give the same characters. */
    private static void append(String kind, String value, StringBuilder to) {
        to.append(kind).append(value.length()).append(':').append(value);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("this Java lacks SHA-256", e);
        }
    }
}
