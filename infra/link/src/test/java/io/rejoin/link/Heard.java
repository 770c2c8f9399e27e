package io.rejoin.link;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** Records the events of a router's streams. */
final class Heard implements LinkListener {
    private final Queue<EdgeStream> opened = new ConcurrentLinkedQueue<>();
    private final Queue<Frame.Reached> reached = new ConcurrentLinkedQueue<>();
    private final Queue<Frame.Appended> appended = new ConcurrentLinkedQueue<>();
    private volatile CountDownLatch held = new CountDownLatch(0);
    private final Queue<EdgeStream> ended = new ConcurrentLinkedQueue<>();

    /** Makes {@link #appended} block until the latch is released. */
    void holdBack(CountDownLatch until) {
        held = until;
    }

    @Override
    public void opened(EdgeStream stream) {
        opened.add(stream);
    }

    @Override
    public void reached(EdgeStream stream, Frame.Reached said) {
        reached.add(said);
    }

    @Override
    public void appended(EdgeStream stream, Frame.Appended record) {
        try {
            held.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        appended.add(record);
    }

    @Override
    public void ended(EdgeStream stream) {
        ended.add(stream);
    }

    List<EdgeStream> opened() {
        return List.copyOf(opened);
    }

    List<Frame.Reached> reached() {
        return List.copyOf(reached);
    }

    List<Frame.Appended> appended() {
        return List.copyOf(appended);
    }

    List<EdgeStream> ended() {
        return List.copyOf(ended);
    }
}
