package io.rejoin.e2e.chaos;

import java.time.Duration;

/** A further router that joins for half of each period, gets a share of the shards, and ends by SIGTERM. */
final class Guest {
    /** Bound for the join: the other routers may be down. */
    private static final Duration COMES = Duration.ofSeconds(20);

    private final Site site;
    private final Duration period;
    private final Thread thread;

    Guest(Site site, Duration period) {
        this.site = site;
        this.period = period;
        this.thread = Thread.ofVirtual().name("guest").start(this::comeAndGo);
    }

    /** Leaves for good; returns when its process has ended. */
    void leave() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }

    private void comeAndGo() {
        try {
            while (true) {
                var router = site.guestComes();
                try {
                    var _ = site.probe().awaitRouters(3, COMES);
                    Thread.sleep(period.dividedBy(2));
                } finally {
                    site.guestLeaves(router);
                }
                Thread.sleep(period.dividedBy(2));
            }
        } catch (InterruptedException _) {
            // leave() interrupted this thread
        }
    }
}
