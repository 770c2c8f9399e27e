package io.rejoin.history;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the history service as a process of its own, configured by the environment. */
public final class HistoryMain {
    private static final Logger log = LoggerFactory.getLogger(HistoryMain.class);

    private HistoryMain() {}

    /** SIGTERM ends it in good order. It ends with 2 for a configuration that cannot be used, with 1 when it cannot start or go on. */
    public static void main(String[] args) throws InterruptedException {
        HistoryConfig config;
        try {
            config = HistoryConfig.from(System.getenv());
        } catch (IllegalArgumentException e) {
            System.err.println("rejoin history: " + e.getMessage());
            System.exit(2);
            return;
        }
        log.atInfo().addKeyValue("config", config).log("history starts");
        try {
            var history = History.start(config, HistoryMain::die);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(history::close));
            log.atInfo().addKeyValue("port", history.port()).log("history serves");
        } catch (RuntimeException e) { // at start, whatever is wrong is final: the supervisor tries again
            die(e);
        }
    }

    private static void die(Throwable cause) {
        log.atError().setCause(cause).log("history cannot go on; restart it");
        Runtime.getRuntime().halt(1);
    }
}
