package io.rejoin.router;

import io.rejoin.contracts.env.Settings;
import java.io.IOException;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * How edges reach a router for their streams.
 *
 * @param address where: a host, and perhaps a port, that edges can resolve; null for what this machine calls itself
 * @param secret  that an edge has to know; null lets everybody in who reaches it
 */
public record LinkConfig(@Nullable String address, @Nullable String secret) {
    /** As Kubernetes tells the address of a pod. */
    private static final Pattern BARE_IPV6 = Pattern.compile("[0-9A-Fa-f.%]*:[0-9A-Fa-f.%]*:[0-9A-Fa-f:.%]*");

    private static final Pattern ADDRESS = Pattern
            .compile("(\\[[0-9A-Fa-f:.%]+]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?");
    private static final int MOST_PORT = 65_535;

    static LinkConfig read(Settings settings) {
        var given = settings.text("ROUTER_LINK_ADDRESS");
        var address = given != null && BARE_IPV6.matcher(given).matches() ? "[" + given + "]" : given;
        if (address != null && (!ADDRESS.matcher(address).matches() || !isPort(address)))
            settings.problem("ROUTER_LINK_ADDRESS is a host and perhaps a port, such as router-1:8091, not " + address);
        return new LinkConfig(address, settings.sharedSecret("ROUTER_LINK_SECRET"));
    }

    /**
     * What routers tell edges.
     *
     * @param host where it listens; one that stands for all addresses is none that others could reach
     * @param port where it listens
     * @throws IllegalStateException where this machine does not know its own name
     */
    String announced(String host, int port) {
        if (address != null) return hasPort(address) ? address : address + ":" + port;
        return (isAll(host) ? own() : host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private static boolean hasPort(String address) {
        return address.lastIndexOf(':') > address.lastIndexOf(']');
    }

    private static boolean isPort(String address) {
        return !hasPort(address) || Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)) <= MOST_PORT;
    }

    private static boolean isAll(String host) {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }

    /** By its name where that stands for an address; Debian lets it stand for a loopback, which others cannot reach. */
    private static String own() {
        try {
            var own = InetAddress.getLocalHost();
            return (own.isLoopbackAddress() ? outward().orElse(own) : own).getHostAddress();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "this machine cannot resolve its own name, so edges would not find this router:"
                            + " set ROUTER_LINK_ADDRESS to a host that they can reach",
                    e);
        }
    }

    private static Optional<InetAddress> outward() throws SocketException {
        return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(Inet4Address.class::isInstance)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .findFirst();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return (address == null ? "by this machine's own address" : address) + (secret == null ? "" : " with a secret");
    }
}
