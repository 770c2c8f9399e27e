package io.rejoin.e2e;

import io.rejoin.tools.RejoinctlMain;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** Runs {@code infra/rejoinctl} in this JVM: a JVM of its own would take seconds to start. */
final class Rejoinctl {
    private final Map<String, String> environment;

    /** @param environment the only environment variables that it sees */
    Rejoinctl(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** Exit code and output of a run. */
    record Run(int code, String out, String err) {
        /** Text for failure messages. */
        String all() {
            return "ended with " + code + "\n" + out + "\n" + err;
        }
    }

    Run run(String... arguments) {
        var out = new StringWriter();
        var err = new StringWriter();
        var code = RejoinctlMain.run(environment, new PrintWriter(out, true), new PrintWriter(err, true), arguments);
        return new Run(code, out.toString(), err.toString());
    }
}
