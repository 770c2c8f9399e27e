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
 * How edges connect to a router for their streams.
 *
 * @param address a host that edges can resolve, with an optional port; null for this machine's own address
 * @param secret  that an edge must present; null accepts every edge that can connect
 */
public record LinkConfig(@Nullable String address, @Nullable String secret) {
    /** An IPv6 address without brackets, as Kubernetes gives a pod's address. */
    private static final Pattern BARE_IPV6 = Pattern.compile("[0-9A-Fa-f.%]*:[0-9A-Fa-f.%]*:[0-9A-Fa-f:.%]*");

    private static final Pattern ADDRESS = Pattern
            .compile("(\\[[0-9A-Fa-f:.%]+]|[A-Za-z0-9._-]+)(:[0-9]{1,5})?");
    private static final int MAX_PORT = 65_535;

    static LinkConfig read(Settings settings) {
        var configured = settings.text("ROUTER_LINK_ADDRESS");
        var isBareIpv6 = configured != null && BARE_IPV6.matcher(configured).matches();
        var address = isBareIpv6 ? "[" + configured + "]" : configured;
        if (address != null && (!ADDRESS.matcher(address).matches() || !isPort(address)))
            settings.problem(
                    "ROUTER_LINK_ADDRESS must be a host with an optional port, such as router-1:8091, not " + address);
        return new LinkConfig(address, settings.sharedSecret("ROUTER_LINK_SECRET"));
    }

    /**
     * The address that this router announces to edges.
     *
     * @param host where the router listens; a wildcard address is replaced by this machine's own address
     * @param port where the router listens
     * @throws IllegalStateException if this machine cannot resolve its own name
     */
    String announcedAddress(String host, int port) {
        if (address != null) return hasPort(address) ? address : address + ":" + port;
        return (isWildcard(host) ? localAddress() : host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private static boolean hasPort(String address) {
        return address.lastIndexOf(':') > address.lastIndexOf(']');
    }

    private static boolean isPort(String address) {
        return !hasPort(address) || Integer.parseInt(address.substring(address.lastIndexOf(':') + 1)) <= MAX_PORT;
    }

    private static boolean isWildcard(String host) {
        try {
            return InetAddress.getByName(host).isAnyLocalAddress();
        } catch (UnknownHostException _) {
            return false;
        }
    }

    /**
     * The address of this machine's host name. Debian maps that name to a loopback address, which other machines cannot
     * reach. Then the first non-loopback IPv4 address is used.
     */
    private static String localAddress() {
        try {
            var localAddress = InetAddress.getLocalHost();
            if (!localAddress.isLoopbackAddress()) return localAddress.getHostAddress();
            return firstReachableIpv4Address().orElse(localAddress).getHostAddress();
        } catch (IOException e) {
            throw new IllegalStateException(
                    "this machine cannot resolve its own name, so edges cannot find this router:"
                            + " set ROUTER_LINK_ADDRESS to a host that edges can reach",
                    e);
        }
    }

    private static Optional<InetAddress> firstReachableIpv4Address() throws SocketException {
        return NetworkInterface.networkInterfaces().flatMap(NetworkInterface::inetAddresses)
                .filter(Inet4Address.class::isInstance)
                .filter(address -> !address.isLoopbackAddress() && !address.isLinkLocalAddress())
                .findFirst();
    }

    /** Without the secret. */
    @Override
    public String toString() {
        return (address == null ? "this machine's own address" : address) + (secret == null ? "" : " with a secret");
    }
}
