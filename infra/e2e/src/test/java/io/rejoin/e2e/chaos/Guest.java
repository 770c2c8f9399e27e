package io.rejoin.e2e.chaos;

import java.time.Duration;

/** A router that is here for half of each period, and ends by SIGTERM. */
final class Guest {
    private final Site site;
    private final Duration period;
    private final Thread thread;

    Guest(Site site, Duration period) {
        this.site = site;
        this.period = period;
        this.thread = Thread.ofVirtual().name("guest").start(this::comeAndGo);
    }

    /** For good; returns when its process has ended. */
    void leave() throws InterruptedException {
        thread.interrupt();
        thread.join();
    }

    private void comeAndGo() {
        try {
            while (true) {
                var router = site.guestComes();
                try {
                    Thread.sleep(period.dividedBy(2));
                } finally {
                    site.guestLeaves(router);
                }
                Thread.sleep(period.dividedBy(2));
            }
        } catch (InterruptedException _) {
            // it has left
        }
    }
}
