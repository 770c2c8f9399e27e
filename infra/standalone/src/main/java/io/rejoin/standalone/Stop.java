package io.rejoin.standalone;

import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Closes running parts. */
final class Stop {
    private static final Logger log = LoggerFactory.getLogger(Stop.class);

    private Stop() {}

    /**
     * Closes all resources at the same time and waits for all of them. A failure is logged and does not affect the
     * others.
     */
    static void all(List<? extends AutoCloseable> resources) {
        var closing = resources.stream().map(resource -> Thread.ofVirtual().start(() -> one(resource))).toList();
        try {
            for (var thread : closing) thread.join();
        } catch (InterruptedException _) {
            Thread.currentThread().interrupt();
        }
    }

    private static void one(AutoCloseable resource) {
        try {
            resource.close();
        } catch (Exception e) {
            log.atWarn().addKeyValue("what", resource.getClass().getSimpleName()).setCause(e)
                    .log("a part stopped with an error");
        }
    }
}
