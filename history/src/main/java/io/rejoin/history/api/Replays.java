package io.rejoin.history.api;

import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.history.store.Head;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.PageRequest;
import io.rejoin.history.store.RecentMessages;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Answers replay requests. A page comes from the tail in memory if the tail has all of it, else from the database.
 * Waits for messages if the request asks for that.
 */
final class Replays {
    /** How long a request may wait until there is memory for its page. */
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    private final RecentMessages tail;
    private final MessageReader reader;
    private final HeadWatch watch;
    private final ApiMeters meters;
    /** Separate limits: while PostgreSQL is unavailable, requests that the tail can answer are still answered. */
    private final PagePermits fromTail;
    private final PagePermits fromDatabase;
    private final SharedReads<Read, ReplayPage> reads = new SharedReads<>();

    /**
     * @param known part of the key: a request that saw a newer head must not share a read that began before that head
     */
    private record Read(PageRequest request, Head known) {}

    /** @param pageBytes memory for the pages of running requests, by estimate */
    Replays(RecentMessages tail, MessageReader reader, HeadWatch watch, ApiMeters meters, long pageBytes) {
        this.tail = tail;
        this.fromTail = new PagePermits(PagePermits.within(pageBytes / 2), PATIENCE);
        this.fromDatabase = new PagePermits(PagePermits.within(pageBytes / 2), PATIENCE);
        this.reader = reader;
        this.watch = watch;
        this.meters = meters;
    }

    /**
     * Passes the page to {@code send}, at the latest when the query's wait is over. A waiting request holds no page.
     *
     * @param send sends the page; must return only when the client has it
     */
    void answer(ReplayQuery query, Consumer<ReplayPage> send)
            throws InterruptedException, HeadWatch.TooManyWaitersException, PagePermits.NoPlaceException {
        if (isAnswered(query, Head.NONE, query.patience().isZero(), send)) return;
        var end = System.nanoTime() + query.patience().toNanos();
        try (var waiter = watch.enter(query.request().room())) {
            while (true) { // read before waiting: the room may have grown just before
                var known = waiter.head();
                if (isAnswered(query, known, false, send)) return;
                var left = Duration.ofNanos(end - System.nanoTime());
                if (waiter.await(known, head -> query.isMetBy(head.epoch(), head.seq()), left)) continue;
                isAnswered(query, known, true, send);
                return;
            }
        }
    }

    /**
     * Reads a page, and sends it if it meets the query.
     *
     * @param isLast whether to send the page in any case
     * @return whether the page was sent
     */
    private boolean isAnswered(ReplayQuery query, Head known, boolean isLast, Consumer<ReplayPage> send)
            throws InterruptedException, PagePermits.NoPlaceException {
        try (var _ = fromTail.take()) {
            var page = tail.page(query.request()).filter(found -> reaches(found, known));
            if (page.isPresent()) return isAnswered(query, page.get(), isLast, counted(ApiMeters.Source.TAIL, send));
        }
        try (var _ = fromDatabase.take()) {
            var page = reads.read(new Read(query.request(), known), () -> reader.page(query.request()));
            return isAnswered(query, page, isLast, counted(ApiMeters.Source.DATABASE, send));
        }
    }

    private Consumer<ReplayPage> counted(ApiMeters.Source source, Consumer<ReplayPage> send) {
        return page -> {
            meters.served(source);
            send.accept(page);
        };
    }

    private static boolean isAnswered(ReplayQuery query, ReplayPage page, boolean isLast, Consumer<ReplayPage> send) {
        if (!isLast && !query.isMetBy(page)) return false;
        send.accept(page);
        return true;
    }

    /**
     * Whether the page reaches the known head. The tail's page may end earlier when another instance has taken over the
     * partition and this instance does not know yet.
     */
    private static boolean reaches(ReplayPage page, Head known) {
        return new Head(page.epoch(), page.head()).compareTo(known) >= 0;
    }
}
