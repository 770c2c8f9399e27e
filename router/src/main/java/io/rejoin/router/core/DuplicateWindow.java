package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.SaltedHash;
import io.rejoin.contracts.UserId;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The posts whose ids a shard remembers, to detect duplicates. They are kept in log order, in chunks of equal size. A
 * chunk is forgotten as a whole: when its last post is older than {@link #AGE_MS}, or when there are more than
 * {@link #MAX_CHUNKS} chunks. So the window depends on the posts alone, and a checkpoint writes only the changed
 * chunks.
 */
final class DuplicateWindow {
    /** A post is remembered for at least this long, in milliseconds of log time, unless there are too many chunks. */
    static final long AGE_MS = 24L * 60 * 60 * 1000;
    static final int CHUNK_POSTS = 64;
    /** At most this many chunks are remembered: 250,000 posts. */
    static final int MAX_CHUNKS = 250_000 / CHUNK_POSTS;

    /** By chunk number; the numbers ascend with the log. */
    private final TreeMap<Long, PackedPosts> chunks = new TreeMap<>();
    private final PostIndex index = new PostIndex();
    private final TreeSet<Long> changed = new TreeSet<>();
    private final SharedValues<RoomId> rooms = new SharedValues<>();
    private final SharedValues<UserId> users = new SharedValues<>();

    StateEntry.@Nullable Post find(RoomId room, UserId user, String id) {
        var utf8 = id.getBytes(UTF_8);
        var position = index.find(hash(room, user, utf8),
                candidate -> chunkOf(candidate).matches(indexInChunk(candidate), room, user, utf8));
        return position < 0 ? null : chunkOf(position).get(indexInChunk(position));
    }

    /** Remembers a post that is not remembered yet. Forgets the chunks that are too old at the post's log time. */
    void add(StateEntry.Post post) {
        var last = chunks.lastEntry();
        if (last == null || last.getValue().size() >= CHUNK_POSTS) {
            if (last != null) last.getValue().trim();
            last = Map.entry(last == null ? 0 : last.getKey() + 1, new PackedPosts());
            chunks.put(last.getKey(), last.getValue());
        }
        remember(last.getKey(), last.getValue(), post);
        changed.add(last.getKey());
        forgetOlderThan(post.ts() - AGE_MS);
    }

    /** Forgets the posts of a room that is being forgotten. All its posts are older than {@link #AGE_MS} by then. */
    void forgetRoom(RoomId room, long ts) {
        forgetOlderThan(ts - AGE_MS);
        for (var number : List.copyOf(chunks.keySet())) { // the remaining posts of the room are in the oldest chunks
            if (!rooms.contains(room)) return;
            if (!Objects.requireNonNull(chunks.get(number)).contains(room)) continue;
            restore(number, chunk(number).stream().filter(post -> !post.room().equals(room)).toList());
            changed.add(number);
        }
    }

    /** The posts of a chunk; empty when the chunk is forgotten. */
    List<StateEntry.Post> chunk(long number) {
        var chunk = chunks.get(number);
        return chunk == null ? List.of() : chunk.all();
    }

    /** The numbers of the chunks that changed or were forgotten since the last call; ascending. */
    List<Long> takeChanged() {
        var numbers = List.copyOf(changed);
        changed.clear();
        return numbers;
    }

    /**
     * Restores a chunk, in any order. A later entry of the same chunk replaces it.
     *
     * @throws CorruptStateException when the number is negative or the chunk has too many posts: no known version
     *          writes this
     */
    void restore(long number, List<StateEntry.Post> posts) {
        if (number < 0 || posts.size() > CHUNK_POSTS)
            throw new CorruptStateException("invalid chunk " + number + " with " + posts.size() + " posts", null);
        var previous = chunks.remove(number);
        if (previous != null) forgetPosts(number, previous);
        if (posts.isEmpty()) return;
        var chunk = new PackedPosts();
        chunks.put(number, chunk);
        for (var post : posts) remember(number, chunk, post);
        chunk.trim();
    }

    /** Stores one object per room and per user: they repeat in many posts and would take most of the memory. */
    private void remember(long number, PackedPosts chunk, StateEntry.Post post) {
        var id = post.id().getBytes(UTF_8);
        index.add(hash(post.room(), post.user(), id), number * CHUNK_POSTS + chunk.size());
        chunk.add(new StateEntry.Post(rooms.acquire(post.room()), users.acquire(post.user()), post.id(), post.seq(),
                post.ts(), post.digest()), id);
    }

    private void forgetPosts(long number, PackedPosts chunk) {
        for (var n = 0; n < chunk.size(); n++) {
            index.remove(hash(chunk.room(n), chunk.user(n), chunk.id(n)), number * CHUNK_POSTS + n);
            rooms.release(chunk.room(n));
            users.release(chunk.user(n));
        }
    }

    /** The number of distinct rooms and users that the window holds. */
    int distinctCount() {
        return rooms.size() + users.size();
    }

    private void forgetOlderThan(long time) {
        while (chunks.size() > 1 && (chunks.size() > MAX_CHUNKS || isOlder(chunks.firstEntry().getValue(), time))) {
            var forgotten = chunks.pollFirstEntry();
            forgetPosts(forgotten.getKey(), forgotten.getValue());
            changed.add(forgotten.getKey());
        }
    }

    private static boolean isOlder(PackedPosts chunk, long time) {
        return chunk.ts(chunk.size() - 1) < time;
    }

    private PackedPosts chunkOf(long position) {
        return Objects.requireNonNull(chunks.get(position / CHUNK_POSTS));
    }

    private static int indexInChunk(long position) {
        return (int) (position % CHUNK_POSTS);
    }

    /**
     * Hashes the id as stored, in UTF-8. An id from an old log can hold an unpaired surrogate; UTF-8 encodes it as a
     * question mark.
     */
    private static int hash(RoomId room, UserId user, byte[] id) {
        return SaltedHash.of(id, room.tenant(), room.name(), user.tenant(), user.name());
    }
}
