package io.rejoin.router.core;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.rejoin.contracts.ContentDigest;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Reads the posts of a chunk token by token. A takeover reads hundreds of thousands of posts, often in a JVM that has
 * just started. There, Jackson's binding to records takes twice the time.
 */
final class PostsJson {
    private final JsonParser json;
    private final List<StateEntry.Post> posts = new ArrayList<>();

    private PostsJson(JsonParser json) {
        this.json = json;
    }

    /**
     * The posts in {@code {"posts": [...]}}. Fields of no known name are ignored.
     *
     * @throws IOException              if it is no such JSON
     * @throws IllegalArgumentException if a post lacks a field, or a name in it cannot be one
     */
    static List<StateEntry.Post> read(byte[] value) throws IOException {
        try (var json = Json.MAPPER.createParser(value)) {
            var reader = new PostsJson(json);
            reader.chunk();
            return reader.posts;
        }
    }

    private void chunk() throws IOException {
        expect(JsonToken.START_OBJECT, json.nextToken());
        var hasPosts = false;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var isPosts = json.currentName().equals("posts");
            json.nextToken();
            if (isPosts && hasPosts) throw new IllegalArgumentException("the chunk has its posts twice");
            if (isPosts) array();
            else
                json.skipChildren();
            hasPosts |= isPosts;
        }
        if (!hasPosts) throw new IllegalArgumentException("the chunk has no posts");
        if (json.nextToken() != null) throw new IllegalArgumentException("unexpected JSON after the posts");
    }

    private void array() throws IOException {
        expect(JsonToken.START_ARRAY, json.currentToken());
        while (json.nextToken() != JsonToken.END_ARRAY) posts.add(post());
    }

    private StateEntry.Post post() throws IOException {
        expect(JsonToken.START_OBJECT, json.currentToken());
        @Nullable
        RoomId room = null;
        @Nullable
        UserId user = null;
        @Nullable
        String id = null;
        @Nullable
        Long seq = null;
        @Nullable
        Long ts = null;
        var digest = ContentDigest.NONE;
        while (json.nextToken() == JsonToken.FIELD_NAME) {
            var name = json.currentName();
            json.nextToken();
            switch (name) {
                case "room" -> room = RoomId.of(text());
                case "user" -> user = UserId.of(text());
                case "id" -> id = text();
                case "seq" -> seq = json.getLongValue();
                case "ts" -> ts = json.getLongValue();
                case "digest" ->
                    digest = json.currentToken() == JsonToken.VALUE_NULL ? ContentDigest.NONE : json.getLongValue();
                default -> json.skipChildren();
            }
        }
        if (room == null || user == null || id == null || seq == null || ts == null)
            throw new IllegalArgumentException("a post lacks its room, user, id, seq or ts");
        return new StateEntry.Post(room, user, id, seq, ts, digest);
    }

    private String text() throws IOException {
        expect(JsonToken.VALUE_STRING, json.currentToken());
        return json.getText();
    }

    private static void expect(JsonToken wanted, @Nullable JsonToken found) {
        if (found != wanted) throw new IllegalArgumentException("expected " + wanted + ", found " + found);
    }
}
