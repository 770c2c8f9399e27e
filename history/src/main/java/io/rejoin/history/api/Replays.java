package io.rejoin.history.api;

import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.history.store.Head;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.PageRequest;
import io.rejoin.history.store.Tail;
import java.time.Duration;

/** Answers replays: from the tail in memory if it has all of it, else from the database; waiting if that was asked for. */
final class Replays {
    private final Tail tail;
    private final MessageReader reader;
    private final HeadWatch watch;
    private final SharedReads<Read, ReplayPage> reads = new SharedReads<>();

    /**
     * @param known part of the key, so that nobody shares a read that began before the room grew to what it waits for
     */
    private record Read(PageRequest request, Head known) {}

    Replays(Tail tail, MessageReader reader, HeadWatch watch) {
        this.tail = tail;
        this.reader = reader;
        this.watch = watch;
    }

    /** The page, at the latest when the query's wait is over. */
    ReplayPage answer(ReplayQuery query) throws InterruptedException, HeadWatch.TooManyWaitersException {
        var page = read(query.request(), Head.NONE);
        return query.isMetBy(page) || query.patience().isZero() ? page : await(query);
    }

    private ReplayPage await(ReplayQuery query) throws InterruptedException, HeadWatch.TooManyWaitersException {
        var end = System.nanoTime() + query.patience().toNanos();
        try (var waiter = watch.enter(query.request().room())) {
            while (true) { // reads first: the room may have grown just before
                var known = waiter.head();
                var page = read(query.request(), known);
                if (query.isMetBy(page)) return page;
                var left = Duration.ofNanos(end - System.nanoTime());
                if (!waiter.await(known, head -> query.isMetBy(head.epoch(), head.seq()), left)) return page;
            }
        }
    }

    private ReplayPage read(PageRequest request, Head known) throws InterruptedException {
        var page = tail.page(request);
        if (page.isPresent() && reaches(page.get(), known)) return page.get();
        return reads.read(new Read(request, known), () -> reader.page(request));
    }

    /** A tail ends early when another instance has taken its partition over and this one has not heard of it yet. */
    private static boolean reaches(ReplayPage page, Head known) {
        return new Head(page.epoch(), page.head()).compareTo(known) >= 0;
    }
}
