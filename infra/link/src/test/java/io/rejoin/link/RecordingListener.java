package io.rejoin.link;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;

/** Records the events of a router's streams. */
final class RecordingListener implements LinkListener {
    private final Queue<EdgeStream> opened = new ConcurrentLinkedQueue<>();
    private final Queue<Frame.Positions> positions = new ConcurrentLinkedQueue<>();
    private final Queue<Frame.Appended> appended = new ConcurrentLinkedQueue<>();
    private volatile CountDownLatch appendedBlock = new CountDownLatch(0);
    private final Queue<EdgeStream> ended = new ConcurrentLinkedQueue<>();

    /** Makes {@link #onAppended} block until the latch is released. */
    void blockAppended(CountDownLatch latch) {
        appendedBlock = latch;
    }

    @Override
    public void onOpened(EdgeStream stream) {
        opened.add(stream);
    }

    @Override
    public void onPositions(EdgeStream stream, Frame.Positions frame) {
        positions.add(frame);
    }

    @Override
    public void onAppended(EdgeStream stream, Frame.Appended frame) {
        try {
            appendedBlock.await();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
        appended.add(frame);
    }

    @Override
    public void onEnded(EdgeStream stream) {
        ended.add(stream);
    }

    List<EdgeStream> opened() {
        return List.copyOf(opened);
    }

    List<Frame.Positions> positions() {
        return List.copyOf(positions);
    }

    List<Frame.Appended> appended() {
        return List.copyOf(appended);
    }

    List<EdgeStream> ended() {
        return List.copyOf(ended);
    }
}
