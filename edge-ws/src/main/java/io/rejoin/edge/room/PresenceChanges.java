package io.rejoin.edge.room;

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
 * Joins and leaves of a room that are announced together: as one frame for each, or as one difference for all. Each
 * frame is encoded once for all members that know the same version. Guarded by its room.
 *
 * <p>A difference depends on the version that a member knows. A member that got a list of members between two of the
 * changes knows a later state than the others. For the others, a join and a leave of one user may cancel out, while
 * this member still needs the second of them.
 */
public final class PresenceChanges {
    /** The maximum number of changes to send one by one or by name: as many as a list of members has names. */
    public static final int MAX = Delivery.MAX_LISTED;

    /** In the order of their versions, without a gap. */
    private final List<Delivery.Presence> changes = new ArrayList<>(1);
    /** The first and the last change ever added, even if {@link #dropSingleChanges} has dropped it. */
    private Delivery.@Nullable Presence first;
    private Delivery.@Nullable Presence last;
    private boolean isCountOnly;
    private @Nullable List<byte[]> singleFrames;
    private byte @Nullable [] combinedFrame;

    /** Creates an instance with one change. */
    static PresenceChanges of(Delivery.Presence change) {
        var changes = new PresenceChanges();
        changes.add(change);
        return changes;
    }

    boolean isEmpty() {
        return last == null;
    }

    boolean isFull() {
        return changes.size() >= MAX;
    }

    void add(Delivery.Presence change) {
        changes.add(change);
        if (first == null) first = change;
        last = change;
        singleFrames = null;
        combinedFrame = null;
    }

    /**
     * Drops the single changes, because there are too many. From now on a difference has only a count and no names.
     * Members that get each change as a frame must have got them before this call.
     */
    void dropSingleChanges() {
        changes.clear();
        isCountOnly = true;
    }

    /**
     * One frame for each change beyond the version that the member knows.
     *
     * @param knownVersion the version of the last list of members sent to the member
     */
    List<byte[]> singleFrames(long knownVersion) {
        if (singleFrames == null) singleFrames = changes.stream().map(PresenceChanges::frame).toList();
        return singleFrames.subList(firstIndexAfter(knownVersion), singleFrames.size());
    }

    /** One frame for all changes beyond the version that the member knows; empty if there are none. */
    List<byte[]> combinedFrame(long knownVersion) {
        if (first == null || last == null || last.version() <= knownVersion) return List.of();
        if (isCountOnly) return List.of(combined(first, last));
        var firstNew = firstIndexAfter(knownVersion);
        if (changes.size() - firstNew == 1) return singleFrames(knownVersion);
        return List.of(firstNew == 0
                ? combined(first, last)
                : netDifference(changes.subList(firstNew, changes.size())));
    }

    private int firstIndexAfter(long knownVersion) {
        var index = changes.size();
        while (index > 0 && changes.get(index - 1).version() > knownVersion) index--;
        return index;
    }

    private byte[] combined(Delivery.Presence from, Delivery.Presence to) {
        if (combinedFrame == null) combinedFrame = isCountOnly ? countFrame(from, to) : netDifference(changes);
        return combinedFrame;
    }

    private static byte[] countFrame(Delivery.Presence from, Delivery.Presence to) {
        return frame(new ServerFrame.PresenceDiff(to.room().name(), null, null, to.count(), from.version(),
                to.version()));
    }

    /** Encodes the net result. If a user's first and last change differ, that user is back in its earlier state. */
    private static byte[] netDifference(List<Delivery.Presence> changes) {
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
