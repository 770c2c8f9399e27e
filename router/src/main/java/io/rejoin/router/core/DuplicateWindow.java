package io.rejoin.router.core;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The posts whose ids a shard remembers, in log order and in chunks of equal size. A chunk is forgotten as a whole: when its
 * last post is older than {@link #AGE_MS}, or when there are more than {@link #CHUNKS}. So what is remembered depends on the
 * posts alone, and a checkpoint writes only the chunks that changed.
 */
final class DuplicateWindow {
    /** How long a post is remembered at least, in milliseconds of log time, while there is room. */
    static final long AGE_MS = 24L * 60 * 60 * 1000;
    static final int CHUNK_POSTS = 64;
    /** How many chunks are remembered at most: 250,000 posts. */
    static final int CHUNKS = 250_000 / CHUNK_POSTS;

    private record Key(RoomId room, UserId user, String id) {}

    /** By their numbers, which ascend with the log. */
    private final TreeMap<Long, List<StateEntry.Post>> chunks = new TreeMap<>();
    private final Map<Key, StateEntry.Post> byKey = new HashMap<>();
    private final TreeSet<Long> changed = new TreeSet<>();
    private final Pool<RoomId> rooms = new Pool<>();
    private final Pool<UserId> users = new Pool<>();

    StateEntry.@Nullable Post find(RoomId room, UserId user, String id) {
        return byKey.get(new Key(room, user, id));
    }

    /** Remembers a post that is not remembered yet, and forgets what is too old by its time. */
    void add(StateEntry.Post post) {
        var last = chunks.lastEntry();
        if (last == null || last.getValue().size() == CHUNK_POSTS) {
            last = Map.entry(last == null ? 0 : last.getKey() + 1, new ArrayList<>(CHUNK_POSTS));
            chunks.put(last.getKey(), last.getValue());
        }
        last.getValue().add(remember(post));
        changed.add(last.getKey());
        forget(post.ts() - AGE_MS);
    }

    /** Forgets the posts of a room that is forgotten; all of them are too old by that time. */
    void forget(RoomId room, long ts) {
        forget(ts - AGE_MS);
        for (var number : List.copyOf(chunks.keySet())) { // what is left of them stands in the oldest
            if (!rooms.holds(room)) return;
            var chunk = Objects.requireNonNull(chunks.get(number));
            var gone = chunk.stream().filter(post -> post.room().equals(room)).toList();
            if (gone.isEmpty()) continue;
            gone.forEach(this::forget);
            chunk.removeAll(gone);
            if (chunk.isEmpty()) chunks.remove(number);
            changed.add(number);
        }
    }

    /** The chunk as it is now; empty when it is forgotten. */
    List<StateEntry.Post> chunk(long number) {
        return List.copyOf(chunks.getOrDefault(number, List.of()));
    }

    /** The numbers of the chunks that changed, or were forgotten, since this was last asked; ascending. */
    List<Long> takeChanged() {
        var numbers = List.copyOf(changed);
        changed.clear();
        return numbers;
    }

    /** Puts a chunk back, in any order; or once more, as it was later. */
    void restore(long number, List<StateEntry.Post> posts) {
        chunks.getOrDefault(number, List.of()).forEach(this::forget);
        chunks.remove(number);
        if (posts.isEmpty()) return;
        var remembered = new ArrayList<StateEntry.Post>(posts.size());
        for (var post : posts) remembered.add(remember(post));
        chunks.put(number, remembered);
    }

    /** Room and user are the same for many posts, and most of what one would take. */
    private StateEntry.Post remember(StateEntry.Post post) {
        var lean = new StateEntry.Post(rooms.take(post.room()), users.take(post.user()), post.id(), post.seq(),
                post.ts(), post.digest());
        byKey.put(key(lean), lean);
        return lean;
    }

    private void forget(StateEntry.Post post) {
        byKey.remove(key(post), post);
        rooms.giveBack(post.room());
        users.giveBack(post.user());
    }

    /** Different rooms and users that are held. */
    int held() {
        return rooms.size() + users.size();
    }

    private void forget(long before) {
        while (chunks.size() > 1 && (chunks.size() > CHUNKS || isOlder(chunks.firstEntry().getValue(), before))) {
            var forgotten = chunks.pollFirstEntry();
            forgotten.getValue().forEach(this::forget);
            changed.add(forgotten.getKey());
        }
    }

    private static Key key(StateEntry.Post post) {
        return new Key(post.room(), post.user(), post.id());
    }

    private static boolean isOlder(List<StateEntry.Post> chunk, long time) {
        return chunk.getLast().ts() < time;
    }
}
