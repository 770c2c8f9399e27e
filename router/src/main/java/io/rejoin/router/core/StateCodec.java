package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.ConnectionId;
import io.rejoin.contracts.ContentDigest;
import io.rejoin.contracts.Json;
import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Encodes and decodes records of {@code rejoin.state}. The key is text such as {@code room:tenant/name}. The value is
 * JSON; no value means deletion. Safe for any thread.
 */
public final class StateCodec {
    /**
     * The latest version of a state. A router refuses a state of a later version. From 3 on a state holds chains.
     * Version 4 changes nothing in the state. It marks that the log may hold command records that earlier routers
     * cannot read, so they leave the shard alone.
     */
    public static final int VERSION = 4;

    /** The key of the shard's {@link Position}. */
    public static final String POSITION = "position";

    private static final String ROOM = "room:";
    private static final String MEMBER = "member:";
    private static final String POSTS = "posts:";
    /** Occurs in no id: ids hold no control characters. */
    private static final char SEPARATOR = '\t';
    private static final String LOST = "lost:";
    private static final String CURSOR = "cursor:";
    private static final String PENDING = "pending:";
    private static final String CHAIN = "chain:";
    private static final String SHARD = "shard";

    /**
     * Where a shard continues: the offset of the first command that its state does not include.
     *
     * @param v version of the rules by which the shard decides; a router that does not know it leaves the shard alone
     */
    public record Position(int v, long next) {}

    /** The form of version 1; still written while its rules apply. */
    private record RoomValue(long epoch, long seq, long version) {}

    private record ShardValue(int rules, long lastEpoch, long lastVersion, long emptySince) {}

    /** @param digest null where it is not known, such as in entries of earlier versions */
    private record PostValue(RoomId room, UserId user, String id, long seq, long ts, @Nullable Long digest) {
        static PostValue of(StateEntry.Post post) {
            return new PostValue(post.room(), post.user(), post.id(), post.seq(), post.ts(),
                    post.digest() == ContentDigest.NONE ? null : post.digest());
        }
    }

    private record PostsValue(List<PostValue> posts) {
        private PostsValue {
            posts = List.copyOf(posts);
        }
    }

    private record CursorValue(long seq) {}

    private record LostValue(long incarnation, long ts) {}

    private StateCodec() {}

    /** The key of an entry. A later entry with the same key replaces the earlier one. */
    public static String key(StateEntry entry) {
        return switch (entry) {
            case StateEntry.OfRoom room -> ROOM + room.room().key();
            case StateEntry.OfMember member -> MEMBER + member.connection().value() + SEPARATOR + member.room().key();
            case StateEntry.OfPosts posts -> POSTS + posts.chunk();
            case StateEntry.OfCursor cursor -> CURSOR + cursor.user().key() + SEPARATOR + cursor.room().key();
            case StateEntry.OfPending pending -> PENDING + pending.seq() + SEPARATOR + pending.room().key();
            case StateEntry.OfLostEdge edge -> LOST + edge.edge();
            case StateEntry.OfChain chain -> CHAIN + chain.edge();
            case StateEntry.OfShard _ -> SHARD;
        };
    }

    /** The value of an entry; null deletes the key. */
    public static byte @Nullable [] value(StateEntry entry) {
        return switch (entry) {
            case StateEntry.OfRoom(_, var progress) -> progress == null ? null : write(progress);
            case StateEntry.OfMember(_, _, var member) -> member == null ? null : write(member);
            case StateEntry.OfPosts(_, var posts) -> posts.isEmpty()
                    ? null
                    : write(new PostsValue(posts.stream().map(PostValue::of).toList()));
            case StateEntry.OfCursor(_, _, var seq) -> seq == 0 ? null : write(new CursorValue(seq));
            case StateEntry.OfPending(_, _, var pending) -> pending == null ? null : write(pending);
            case StateEntry.OfLostEdge(_, var incarnation, var ts) ->
                incarnation == 0 ? null : write(new LostValue(incarnation, ts));
            case StateEntry.OfChain(_, var chain) -> chain == null ? null : write(chain);
            case StateEntry.OfShard(var rules, var lastEpoch, var lastVersion, var emptySince) ->
                write(new ShardValue(rules, lastEpoch, lastVersion, emptySince));
        };
    }

    /**
     * An array of four numbers, to be short: there are many rooms. Under version 1 of the rules the form of that
     * version.
     */
    private static byte[] write(StateEntry.Progress progress) {
        return progress.used() == 0
                ? write(new RoomValue(progress.epoch(), progress.seq(), progress.version()))
                : write(new long[]{progress.epoch(), progress.seq(), progress.version(), progress.used()});
    }

    public static byte[] position(Position position) {
        return write(position);
    }

    /**
     * Reads a position.
     *
     * @throws CorruptStateException if the value is unreadable, or was written by a later version
     */
    public static Position position(byte[] value) {
        var position = Objects.requireNonNull(read(POSITION, value, Position.class));
        if (position.v() > VERSION) {
            throw new CorruptStateException(
                    "a router of a later version (" + position.v() + ") wrote the state; "
                            + "this router reads versions up to " + VERSION + ": upgrade it",
                    null);
        }
        return position;
    }

    /** The room of the entry with this key. Null for an entry of the whole shard, and for an unknown kind of key. */
    public static @Nullable RoomId room(byte[] keyBytes) {
        var key = new String(keyBytes, UTF_8);
        try {
            if (key.startsWith(ROOM)) return RoomId.of(key.substring(ROOM.length()));
            return key.startsWith(MEMBER) || key.startsWith(CURSOR) || key.startsWith(PENDING) ? roomIn(key) : null;
        } catch (IllegalArgumentException e) {
            throw new CorruptStateException("cannot read the state under the key " + key, e);
        }
    }

    /** The entry with this key and value; without a value, a deletion. The key must not be {@link #POSITION}. */
    public static StateEntry entry(byte[] keyBytes, byte @Nullable [] value) {
        var key = new String(keyBytes, UTF_8);
        try {
            if (key.startsWith(ROOM))
                return new StateEntry.OfRoom(RoomId.of(key.substring(ROOM.length())), progress(key, value));
            if (key.startsWith(MEMBER)) return member(key.substring(MEMBER.length()), read(key, value, Member.class));
            if (key.startsWith(POSTS)) return posts(key, value);
            if (key.startsWith(CURSOR))
                return cursor(key.substring(CURSOR.length()), read(key, value, CursorValue.class));
            if (key.startsWith(PENDING))
                return pending(key.substring(PENDING.length()), read(key, value, Pending.class));
            if (key.startsWith(LOST)) return lost(key.substring(LOST.length()), read(key, value, LostValue.class));
            if (key.startsWith(CHAIN))
                return new StateEntry.OfChain(key.substring(CHAIN.length()),
                        read(key, value, StateEntry.LastDelivery.class));
            if (key.equals(SHARD)) return shard(read(key, value, ShardValue.class));
        } catch (IllegalArgumentException e) {
            throw new CorruptStateException("cannot read the state under the key " + key, e);
        }
        throw new CorruptStateException("the state has a key of an unknown kind: " + key, null);
    }

    private static StateEntry.@Nullable Progress progress(String key, byte @Nullable [] value) {
        if (value == null) return null;
        if (value.length == 0 || value[0] != '[') {
            var room = Objects.requireNonNull(read(key, value, RoomValue.class));
            return new StateEntry.Progress(room.epoch(), room.seq(), room.version(), 0);
        }
        var numbers = Objects.requireNonNull(read(key, value, long[].class));
        if (numbers.length < 4) throw new IllegalArgumentException("fewer than four numbers");
        return new StateEntry.Progress(numbers[0], numbers[1], numbers[2], numbers[3]);
    }

    private static StateEntry member(String key, @Nullable Member member) {
        return new StateEntry.OfMember(roomIn(key), ConnectionId.of(key.substring(0, separator(key))), member);
    }

    private static StateEntry posts(String key, byte @Nullable [] value) {
        var chunk = Long.parseLong(key.substring(POSTS.length()));
        try {
            return new StateEntry.OfPosts(chunk, value == null ? List.of() : PostsJson.read(value));
        } catch (IOException e) {
            throw new CorruptStateException("cannot read the state under the key " + key, e);
        }
    }

    private static StateEntry cursor(String key, @Nullable CursorValue value) {
        return new StateEntry.OfCursor(roomIn(key), UserId.of(key.substring(0, separator(key))),
                value == null ? 0 : value.seq());
    }

    private static StateEntry pending(String key, @Nullable Pending pending) {
        return new StateEntry.OfPending(roomIn(key), Long.parseLong(key.substring(0, separator(key))), pending);
    }

    private static StateEntry shard(@Nullable ShardValue value) {
        if (value == null) throw new IllegalArgumentException("the shard entry has no value");
        return new StateEntry.OfShard(value.rules(), value.lastEpoch(), value.lastVersion(), value.emptySince());
    }

    private static RoomId roomIn(String key) {
        return RoomId.of(key.substring(separator(key) + 1));
    }

    private static int separator(String key) {
        var separator = key.indexOf(SEPARATOR);
        if (separator < 0) throw new IllegalArgumentException("the key names no room");
        return separator;
    }

    private static StateEntry lost(String edge, @Nullable LostValue value) {
        return value == null
                ? new StateEntry.OfLostEdge(edge, 0, 0)
                : new StateEntry.OfLostEdge(edge, value.incarnation(), value.ts());
    }

    private static byte[] write(Object value) {
        try {
            return Json.MAPPER.writeValueAsBytes(value);
        } catch (JacksonException e) {
            throw new IllegalStateException("cannot write state as JSON: " + value.getClass(), e);
        }
    }

    private static <T> @Nullable T read(String key, byte @Nullable [] value, Class<T> type) {
        if (value == null) return null;
        try {
            @Nullable
            T read = Json.MAPPER.readValue(value, type);
            if (read == null) throw new CorruptStateException("the state under the key " + key + " is null", null);
            return read;
        } catch (IOException e) {
            throw new CorruptStateException("cannot read the state under the key " + key, e);
        }
    }
}
