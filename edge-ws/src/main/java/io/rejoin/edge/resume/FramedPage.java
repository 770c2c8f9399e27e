package io.rejoin.edge.resume;

import io.rejoin.contracts.RoomId;
import io.rejoin.contracts.replay.ReplayPage;

/**
 * A page of missed messages and their frames. Each frame is encoded once, when it is first needed. Safe for any thread.
 */
public final class FramedPage {
    private final RoomId room;
    private final ReplayPage page;
    /** By the index of the message in the page; null if the frame was not needed yet. */
    private final byte[][] frames;

    public FramedPage(RoomId room, ReplayPage page) {
        this.room = room;
        this.page = page;
        this.frames = new byte[page.messages().size()][];
    }

    ReplayPage page() {
        return page;
    }

    /** The frame of a message, by its index in the page. */
    synchronized byte[] frame(int index) {
        if (frames[index] == null) frames[index] = MessageFrame.of(room, page.epoch(), page.messages().get(index));
        return frames[index];
    }
}
