package io.rejoin.contracts;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import com.fasterxml.jackson.databind.JsonNode;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.TreeMap;

/**
 * A short fingerprint of what a message says: whether two posts under one id are copies, or two messages. Edges write it into
 * posts and routers keep it for as long as the id, so every version has to compute the same: this never changes.
 *
 * <p>It is the value that counts, not how it is written: the order of an object's fields, white space, escapes and
 * {@code 1.0} for {@code 1} make no difference. A program that makes its JSON anew for each attempt still repeats itself.
 */
public final class ContentDigest {
    /** No digest: of posts from before there was one. */
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
            throw new IllegalArgumentException("no JSON: " + e.getOriginalMessage(), e);
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

    /** With its length, so that no two contents run into the same characters. */
    private static void append(String kind, String value, StringBuilder to) {
        to.append(kind).append(value.length()).append(':').append(value);
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
