package io.rejoin.e2e.chaos;

import io.rejoin.embedded.EmbeddedKafka.Listener;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * The ports of all processes, and a proxy for each link. Kafka clients connect to the address that the broker
 * advertises. So the broker has a listener for each client, advertised with the port of that client's proxy.
 */
final class Network implements AutoCloseable {
    private static final List<Link> TO_KAFKA = List.of(Link.EDGE_0_KAFKA, Link.EDGE_1_KAFKA, Link.ROUTER_0_KAFKA,
            Link.ROUTER_1_KAFKA, Link.HISTORY_KAFKA);

    private final int kafkaPort;
    private final int postgresPort;
    private final int historyPort;
    private final List<Integer> edgePorts;
    private final List<Integer> routerPorts;
    private final Map<Link, Integer> targets = new EnumMap<>(Link.class);
    private final Map<Link, Proxy> proxies = new EnumMap<>(Link.class);

    Network() {
        var ports = new Ports();
        kafkaPort = ports.next();
        postgresPort = ports.next();
        historyPort = ports.next();
        edgePorts = List.of(ports.next(), ports.next());
        routerPorts = List.of(ports.next(), ports.next());
        for (var link : TO_KAFKA) targets.put(link, ports.next());
        targets.put(Link.HISTORY_POSTGRES, postgresPort);
        targets.put(Link.EDGE_0_HISTORY, historyPort);
        targets.put(Link.EDGE_1_HISTORY, historyPort);
        targets.put(Link.EDGES_ROUTER_0, routerPorts.get(0));
        targets.put(Link.EDGES_ROUTER_1, routerPorts.get(1));
        targets.put(Link.CLIENTS_EDGE_0, edgePorts.get(0));
        targets.put(Link.CLIENTS_EDGE_1, edgePorts.get(1));
        targets.forEach((link, target) -> proxies.put(link, new Proxy(0, target)));
    }

    int kafkaPort() {
        return kafkaPort;
    }

    int postgresPort() {
        return postgresPort;
    }

    int historyPort() {
        return historyPort;
    }

    int edgePort(int index) {
        return edgePorts.get(index);
    }

    int routerPort(int index) {
        return routerPorts.get(index);
    }

    /** The broker's listeners behind proxies. */
    List<Listener> listeners() {
        return TO_KAFKA.stream().map(link -> new Listener(link.name().replace("_", ""), port(targets, link),
                proxy(link).port())).toList();
    }

    Proxy proxy(Link link) {
        var proxy = proxies.get(link);
        if (proxy == null) throw new IllegalArgumentException("no proxy for " + link);
        return proxy;
    }

    /** {@code host:port} of a link's proxy, for its client side. */
    String address(Link link) {
        return "127.0.0.1:" + proxy(link).port();
    }

    private static int port(Map<Link, Integer> ports, Link link) {
        var port = ports.get(link);
        if (port == null) throw new IllegalArgumentException("no port for " + link);
        return port;
    }

    @Override
    public void close() {
        proxies.values().forEach(Proxy::close);
    }
}
