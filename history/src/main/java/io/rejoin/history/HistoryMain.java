package io.rejoin.history;

import io.rejoin.contracts.env.ConfigException;
import io.rejoin.contracts.env.Program;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The history service as a separate process, configured by environment variables: see {@link HistoryConfig#from}. */
public final class HistoryMain {

    /** Exit status when the configuration cannot be used, as in {@link Program}. */
    private static final int MISCONFIGURED = 2;

    private HistoryMain() {}

    /** Serves until SIGTERM. {@link Program} documents the exit status. */
    public static void main(String[] args) {
        Program.run("history", HistoryConfig::read, HistoryMain::start);
    }

    private static History start(HistoryConfig config) throws InterruptedException {
        log().atInfo().addKeyValue("config", config).log("history starts");
        var history = History.start(config, HistoryMain::exit);
        log().atInfo().addKeyValue("port", history.port()).log("history serves");
        return history;
    }

    private static void exit(Throwable cause) {
        if (cause instanceof ConfigException) {
            log().atError().addKeyValue("reason", cause.getMessage())
                    .log("history stops: fix the reason first, a restart alone does not help");
            Runtime.getRuntime().halt(MISCONFIGURED);
        }
        log().atError().setCause(cause).log("history stops after an error; restart it");
        Runtime.getRuntime().halt(1);
    }

    /** Not a field: {@link Program} must first read from the environment how to log. */
    private static Logger log() {
        return LoggerFactory.getLogger(HistoryMain.class);
    }
}
