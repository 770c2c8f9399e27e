package io.rejoin.edge.fanout;

import io.rejoin.contracts.client.FrameCodec;
import io.rejoin.contracts.client.ServerFrame;
import io.rejoin.contracts.client.ServerFrame.Action;
import io.rejoin.contracts.log.Delivery;
import io.rejoin.edge.websocket.FrameWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Comings and goings of a room that are told at the same time: one frame for each, or one difference for all. Encoded once for
 * all who know the same. Guarded by its room.
 *
 * <p>A difference is worked out for the version that a member knows: whoever was told of the room's members between two of the
 * changes knows another state than the others. What two changes of a user undo for the others it may have to learn.
 */
final class PresenceChanges {
    /** Most that are told one by one, or by name: as many as a list of members names. */
    static final int MOST = Delivery.MAX_LISTED;

    /** Without a gap, by version. */
    private final List<Delivery.Presence> changes = new ArrayList<>(1);
    /** The first and the last that ever were among them. */
    private Delivery.@Nullable Presence first;
    private Delivery.@Nullable Presence last;
    private boolean isCut;
    private @Nullable List<byte[]> each;
    private byte @Nullable [] together;

    /** With that one. */
    static PresenceChanges of(Delivery.Presence change) {
        var changes = new PresenceChanges();
        changes.add(change);
        return changes;
    }

    boolean isEmpty() {
        return last == null;
    }

    boolean isFull() {
        return changes.size() >= MOST;
    }

    void add(Delivery.Presence change) {
        changes.add(change);
        if (first == null) first = change;
        last = change;
        each = null;
        together = null;
    }

    /** There is no room for more: a difference names nobody from now on. Whoever is told of each has to have been before. */
    void cut() {
        changes.clear();
        isCut = true;
    }

    /**
     * One frame for each change.
     *
     * @param known the version that the member was told last, before any of them
     */
    List<byte[]> each(long known) {
        if (each == null) each = changes.stream().map(PresenceChanges::frame).toList();
        return each.subList(firstBeyond(known), each.size());
    }

    /** One frame for all changes, if there is any beyond what the member was told. */
    List<byte[]> together(long known) {
        if (first == null || last == null || last.version() <= known) return List.of();
        if (isCut) return List.of(shared(first, last));
        var beyond = firstBeyond(known);
        if (changes.size() - beyond == 1) return each(known);
        return List.of(beyond == 0 ? shared(first, last) : difference(changes.subList(beyond, changes.size())));
    }

    private int firstBeyond(long known) {
        var index = changes.size();
        while (index > 0 && changes.get(index - 1).version() > known) index--;
        return index;
    }

    private byte[] shared(Delivery.Presence from, Delivery.Presence to) {
        if (together == null) together = isCut ? count(from, to) : difference(changes);
        return together;
    }

    private static byte[] count(Delivery.Presence from, Delivery.Presence to) {
        return frame(new ServerFrame.PresenceDiff(to.room().name(), null, null, to.count(), from.version(),
                to.version()));
    }

    /** Whose first change is also the last one has come or gone; whose is not, is back where it was. */
    private static byte[] difference(List<Delivery.Presence> changes) {
        var before = new LinkedHashMap<String, Delivery.Action>();
        var after = new LinkedHashMap<String, Delivery.Action>();
        for (var change : changes) {
            before.putIfAbsent(change.user().name(), change.action());
            after.put(change.user().name(), change.action());
        }
        after.entrySet().removeIf(entry -> entry.getValue() != before.get(entry.getKey()));
        var to = changes.getLast();
        return frame(new ServerFrame.PresenceDiff(to.room().name(), names(after, Delivery.Action.JOIN),
                names(after, Delivery.Action.LEAVE), to.count(), changes.getFirst().version(), to.version()));
    }

    private static List<String> names(Map<String, Delivery.Action> changed, Delivery.Action action) {
        return changed.entrySet().stream().filter(entry -> entry.getValue() == action).map(Map.Entry::getKey)
                .toList();
    }

    private static byte[] frame(Delivery.Presence change) {
        var action = switch (change.action()) {
            case JOIN -> Action.JOIN;
            case LEAVE -> Action.LEAVE;
        };
        return frame(new ServerFrame.Presence(change.room().name(), action, change.user().name(), change.count(),
                change.version()));
    }

    private static byte[] frame(ServerFrame frame) {
        return FrameWriter.text(FrameCodec.encode(frame));
    }
}
