package io.rejoin.link;

import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;

/** Keeps what a router hears of its streams. */
final class Heard implements LinkListener {
    private final Queue<EdgeStream> opened = new ConcurrentLinkedQueue<>();
    private final Queue<Frame.Reached> reached = new ConcurrentLinkedQueue<>();
    private final Queue<EdgeStream> ended = new ConcurrentLinkedQueue<>();

    @Override
    public void opened(EdgeStream stream) {
        opened.add(stream);
    }

    @Override
    public void reached(EdgeStream stream, Frame.Reached said) {
        reached.add(said);
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

    List<EdgeStream> ended() {
        return List.copyOf(ended);
    }
}
