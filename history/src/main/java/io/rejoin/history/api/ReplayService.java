package io.rejoin.history.api;

import io.rejoin.contracts.replay.ReplayPage;
import io.rejoin.history.store.Head;
import io.rejoin.history.store.MessageReader;
import io.rejoin.history.store.PageRequest;
import io.rejoin.history.store.RecentMessages;
import java.time.Duration;
import java.util.function.Consumer;

/**
 * Answers replay requests. A page comes from the recent messages in memory if they have all of it, else from
 * the database. Waits for messages if the request asks for that.
 */
final class ReplayService {
    /** How long a request may wait until there is memory for its page. */
    private static final Duration PERMIT_TIMEOUT = Duration.ofSeconds(5);

    private final RecentMessages recentMessages;
    private final MessageReader reader;
    private final WaitingRequests waitingRequests;
    private final ApiMeters meters;
    /** Separate limits: while PostgreSQL is unavailable, requests are still answered from memory. */
    private final PagePermits memoryPermits;
    private final PagePermits databasePermits;
    private final SharedReads<ReadKey, ReplayPage> sharedReads = new SharedReads<>();

    /**
     * @param knownHead part of the key: a request that saw a newer head must not share a read that began before that
     *                  head
     */
    private record ReadKey(PageRequest request, Head knownHead) {}

    /** @param pageBytes memory for the pages of running requests, by estimate */
    ReplayService(RecentMessages recentMessages, MessageReader reader, WaitingRequests waitingRequests,
            ApiMeters meters, long pageBytes) {
        this.recentMessages = recentMessages;
        this.memoryPermits = new PagePermits(PagePermits.permitsForMemory(pageBytes / 2), PERMIT_TIMEOUT);
        this.databasePermits = new PagePermits(PagePermits.permitsForMemory(pageBytes / 2), PERMIT_TIMEOUT);
        this.reader = reader;
        this.waitingRequests = waitingRequests;
        this.meters = meters;
    }

    /**
     * Passes the page to {@code send}, at the latest when the query's wait is over. A waiting request holds no page.
     *
     * @param send sends the page; must return only when the client has it
     */
    void answer(ReplayQuery query, Consumer<ReplayPage> send)
            throws InterruptedException, WaitingRequests.TooManyWaitersException, PagePermits.NoPermitException {
        if (tryAnswer(query, Head.NONE, query.maxWait().isZero(), send)) return;
        var deadline = System.nanoTime() + query.maxWait().toNanos();
        try (var waiter = waitingRequests.register(query.request().room())) {
            while (true) { // read before waiting: the room may have grown just before
                var knownHead = waiter.head();
                if (tryAnswer(query, knownHead, false, send)) return;
                var remaining = Duration.ofNanos(deadline - System.nanoTime());
                if (waiter.await(knownHead, head -> query.isSatisfiedBy(head.epoch(), head.seq()), remaining)) continue;
                tryAnswer(query, knownHead, true, send);
                return;
            }
        }
    }

    /**
     * Reads a page, and sends it if it satisfies the query.
     *
     * @param isLastAttempt whether to send the page in any case
     * @return whether the page was sent
     */
    private boolean tryAnswer(ReplayQuery query, Head knownHead, boolean isLastAttempt, Consumer<ReplayPage> send)
            throws InterruptedException, PagePermits.NoPermitException {
        try (var _ = memoryPermits.acquire()) {
            var page = recentMessages.page(query.request()).filter(found -> reaches(found, knownHead));
            if (page.isPresent())
                return tryAnswer(query, page.get(), isLastAttempt, countingPages(ApiMeters.Source.TAIL, send));
        }
        try (var _ = databasePermits.acquire()) {
            var page = sharedReads.read(new ReadKey(query.request(), knownHead), () -> reader.page(query.request()));
            return tryAnswer(query, page, isLastAttempt, countingPages(ApiMeters.Source.DATABASE, send));
        }
    }

    private Consumer<ReplayPage> countingPages(ApiMeters.Source source, Consumer<ReplayPage> send) {
        return page -> {
            meters.countPage(source);
            send.accept(page);
        };
    }

    private static boolean tryAnswer(ReplayQuery query, ReplayPage page, boolean isLastAttempt,
            Consumer<ReplayPage> send) {
        if (!isLastAttempt && !query.isSatisfiedBy(page)) return false;
        send.accept(page);
        return true;
    }

    /**
     * Whether the page reaches the known head. The page from memory may end earlier when another instance has taken
     * over the partition and this instance does not know yet.
     */
    private static boolean reaches(ReplayPage page, Head knownHead) {
        return new Head(page.epoch(), page.head()).compareTo(knownHead) >= 0;
    }
}
