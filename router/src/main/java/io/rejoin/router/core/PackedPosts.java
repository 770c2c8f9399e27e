package io.rejoin.router.core;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.UserId;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * A few posts, stored in columns. A shard remembers very many posts; one object for each would keep the garbage
 * collector busy for seconds. Posts are only added, never removed. Confined to one thread.
 */
final class PackedPosts {
    private static final int INITIAL_POSTS = 8;
    private static final int INITIAL_ID_BYTES = 16;

    private RoomId[] rooms = new RoomId[INITIAL_POSTS];
    private UserId[] users = new UserId[INITIAL_POSTS];
    /** Three numbers per post: its seq, its log time and its digest. */
    private long[] numbers = new long[INITIAL_POSTS * 3];
    /** All ids in UTF-8, one after the other; {@code idEnds} holds the end of each. */
    private byte[] ids = new byte[INITIAL_POSTS * INITIAL_ID_BYTES];
    private int[] idEnds = new int[INITIAL_POSTS];
    private int size;

    int size() {
        return size;
    }

    /**
     * Adds a post.
     *
     * @param id of the post, in UTF-8
     */
    void add(StateEntry.Post post, byte[] id) {
        if (size == rooms.length) reserve(2 * size);
        var from = idStart(size);
        var end = from + id.length;
        if (end > ids.length) ids = Arrays.copyOf(ids, Math.max(end, 2 * ids.length));
        System.arraycopy(id, 0, ids, from, id.length);
        idEnds[size] = end;
        rooms[size] = post.room();
        users[size] = post.user();
        numbers[3 * size] = post.seq();
        numbers[3 * size + 1] = post.ts();
        numbers[3 * size + 2] = post.digest();
        size++;
    }

    /** Releases unused capacity. Call it when few posts or none will follow. */
    void trim() {
        reserve(size);
        ids = Arrays.copyOf(ids, idStart(size));
    }

    private void reserve(int posts) {
        rooms = Arrays.copyOf(rooms, posts);
        users = Arrays.copyOf(users, posts);
        numbers = Arrays.copyOf(numbers, 3 * posts);
        idEnds = Arrays.copyOf(idEnds, posts);
    }

    /** Whether the post at this index has this room, user and id; the id is in UTF-8. */
    boolean matches(int index, RoomId room, UserId user, byte[] id) {
        return Arrays.equals(ids, idStart(index), idEnds[index], id, 0, id.length) && users[index].equals(user)
                && rooms[index].equals(room);
    }

    StateEntry.Post get(int index) {
        var id = new String(id(index), UTF_8);
        return new StateEntry.Post(rooms[index], users[index], id, numbers[3 * index], ts(index),
                numbers[3 * index + 2]);
    }

    long ts(int index) {
        return numbers[3 * index + 1];
    }

    RoomId room(int index) {
        return rooms[index];
    }

    UserId user(int index) {
        return users[index];
    }

    /** The id, in UTF-8. */
    byte[] id(int index) {
        return Arrays.copyOfRange(ids, idStart(index), idEnds[index]);
    }

    boolean contains(RoomId room) {
        return IntStream.range(0, size).anyMatch(n -> rooms[n].equals(room));
    }

    List<StateEntry.Post> all() {
        return IntStream.range(0, size).mapToObj(this::get).toList();
    }

    private int idStart(int index) {
        return index == 0 ? 0 : idEnds[index - 1];
    }
}
