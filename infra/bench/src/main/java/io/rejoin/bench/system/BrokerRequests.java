package io.rejoin.bench.system;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/**
 * The number of requests that a Kafka broker on this machine has received, by kind. The broker's MBeans count them
 * ({@code kafka.network:type=RequestMetrics,name=RequestsPerSec}). This class connects through Java's attach API, so
 * the broker needs no option for that.
 */
final class BrokerRequests implements AutoCloseable {
    private final JMXConnector connector;
    private final MBeanServerConnection beans;
    private final ObjectName counters;

    /** Connects to the JVM with this process id, which must run as the same user. */
    @SuppressWarnings("BanJNDI") // the peer is this user's own process on this machine
    BrokerRequests(long pid) throws IOException {
        try {
            var broker = VirtualMachine.attach(Long.toString(pid));
            connector = JMXConnectorFactory.connect(new JMXServiceURL(broker.startLocalManagementAgent()));
            broker.detach();
            beans = connector.getMBeanServerConnection();
            counters = new ObjectName("kafka.network:type=RequestMetrics,name=RequestsPerSec,*");
        } catch (AttachNotSupportedException | JMException e) {
            throw new IOException("cannot attach to the broker, process " + pid, e);
        }
    }

    /**
     * The counts since the broker's start: {@code Produce}, {@code Fetch} and so on. The versions of a kind are added
     * up.
     */
    @SuppressWarnings("BanJNDI") // as above
    Map<String, Long> counts() {
        var counts = new TreeMap<String, Long>();
        try {
            for (var name : beans.queryNames(counters, null))
                counts.merge(name.getKeyProperty("request"), (Long) beans.getAttribute(name, "Count"), Long::sum);
            return counts;
        } catch (IOException | JMException e) {
            throw new IllegalStateException("cannot read the counters of the broker", e);
        }
    }

    @Override
    public void close() throws IOException {
        connector.close();
    }
}
