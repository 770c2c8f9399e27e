package io.rejoin.router;

import io.rejoin.contracts.env.Program;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The main class of a router process, configured by the environment, see {@link RouterConfig#from}. */
public final class RouterMain {

    private RouterMain() {}

    /** Runs the router until SIGTERM; see {@link Program} for the exit codes. */
    public static void main(String[] args) {
        Program.run("router", RouterConfig::read, RouterMain::start);
    }

    private static Router start(RouterConfig config) throws InterruptedException {
        log().atInfo().addKeyValue("config", config).log("router starts");
        var router = Router.start(config, RouterMain::die);
        log().atInfo().addKeyValue("port", router.port()).log("router runs");
        return router;
    }

    private static void die(Throwable cause) {
        log().atError().setCause(cause).log("router cannot continue and exits: restart it");
        Runtime.getRuntime().halt(1);
    }

    /** Not a static field: {@link Program} configures logging from the environment first. */
    private static Logger log() {
        return LoggerFactory.getLogger(RouterMain.class);
    }
}
