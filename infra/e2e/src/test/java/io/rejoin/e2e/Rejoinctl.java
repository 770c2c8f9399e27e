package io.rejoin.e2e;

import io.rejoin.tools.RejoinctlMain;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.util.Map;

/** {@code infra/rejoinctl}, in this JVM: one of its own would take seconds to start. */
final class Rejoinctl {
    private final Map<String, String> environment;

    /** @param environment all that it finds */
    Rejoinctl(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    /** How it ended, and what it said. */
    record Run(int code, String out, String err) {
        /** For the message of a failure. */
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
