package io.rejoin.simulation;

import io.rejoin.contracts.log.DeliveryBatch;
import io.rejoin.router.link.Backlog;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/** A stream from a router to an edge: what is said arrives in its order, until the stream breaks and loses what is under way. */
final class Stream {
    /** What a router says. */
    sealed interface Item {
        /** From here on the deliveries of that shard come, after that one. */
        record Begins(int partition, Backlog.Begin begin) implements Item {}

        /** Deliveries of one shard. */
        record Deliveries(DeliveryBatch batch) implements Item {}
    }

    private final RouterProcess router;
    private final EdgeProcess edge;
    private final Deque<Item> underWay = new ArrayDeque<>();
    private boolean broken;

    Stream(RouterProcess router, EdgeProcess edge) {
        this.router = router;
        this.edge = edge;
    }

    RouterProcess router() {
        return router;
    }

    EdgeProcess edge() {
        return edge;
    }

    void say(Item item) {
        underWay.add(item);
    }

    /** What comes next; null when nothing does for now. */
    @Nullable
    Item next() {
        return underWay.poll();
    }

    boolean isEmpty() {
        return underWay.isEmpty();
    }

    /** Neither side is asked; both learn it when they look. */
    void breakOff() {
        broken = true;
        underWay.clear();
    }

    boolean isBroken() {
        return broken;
    }
}
