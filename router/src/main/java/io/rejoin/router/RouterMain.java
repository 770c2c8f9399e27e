package io.rejoin.router;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs a router as a process of its own, configured by the environment. */
public final class RouterMain {
    private static final Logger log = LoggerFactory.getLogger(RouterMain.class);

    private RouterMain() {}

    /** Ends with 0 after SIGTERM, with 2 for a configuration that cannot be used, with 1 when a loop died. */
    public static void main(String[] args) throws InterruptedException {
        try {
            var config = RouterConfig.from(System.getenv());
            log.atInfo().addKeyValue("config", config).log("router starts");
            var router = Router.start(config, RouterMain::die);
            Runtime.getRuntime().addShutdownHook(Thread.ofPlatform().name("stop").unstarted(router::close));
            log.atInfo().addKeyValue("port", router.port()).log("router runs");
        } catch (IllegalArgumentException e) {
            System.err.println("rejoin router: " + e.getMessage());
            System.exit(2);
        } catch (IllegalStateException e) {
            die(e);
        }
    }

    private static void die(Throwable cause) {
        log.atError().setCause(cause).log("router cannot go on; restart it");
        Runtime.getRuntime().halt(1);
    }
}
