package io.rejoin.contracts.env;

import java.util.regex.Pattern;

/**
 * Recognizes the variables that Kubernetes and Docker links set in every container for each service. For example, a
 * Service named {@code edge} gives {@code EDGE_SERVICE_HOST}, {@code EDGE_PORT_8080_TCP_ADDR} and even
 * {@code EDGE_PORT}.
 */
final class ServiceLinks {
    private static final Pattern NAME = Pattern
            .compile(".*_SERVICE_(HOST|PORT(_.*)?)|.*_PORT_[0-9]+_(TCP|UDP|SCTP)(_(ADDR|PORT|PROTO))?|.*_ENV_.*");
    private static final Pattern ADDRESS = Pattern.compile("(tcp|udp|sctp)://.*");

    private ServiceLinks() {}

    static boolean isServiceLink(String name, String value) {
        return NAME.matcher(name).matches() || (name.endsWith("_PORT") && ADDRESS.matcher(value).matches());
    }
}
