package io.rejoin.router;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rejoin.kafka.KafkaAccess;
import io.rejoin.tracing.TraceSettings;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RouterConfigTest {
    @Test
    void anEmptyEnvironmentWorksOnOneMachine() {
        assertThat(RouterConfig.from(Map.of()))
                .isEqualTo(new RouterConfig(KafkaAccess.of("127.0.0.1:9092"), 12, (short) -1, Duration.ofSeconds(6),
                        Duration.ofSeconds(5), Duration.ofDays(30), null, "127.0.0.1", 8091,
                        new LinkConfig(null, null), TraceSettings.OFF));
    }

    @Test
    void roomsCanBeKeptForever() {
        assertThat(RouterConfig.from(Map.of("ROUTER_FORGET_AFTER", "never")).forgetAfter())
                .isGreaterThan(Duration.ofDays(365_000));
        assertThat(RouterConfig.from(Map.of("ROUTER_FORGET_AFTER", "P400D")).forgetAfter())
                .isEqualTo(Duration.ofDays(400));
    }

    @Test
    void theTopicsRetentionIsKeptUnlessConfigured() {
        assertThat(RouterConfig.from(Map.of()).eventsRetention()).isNull();
        assertThat(RouterConfig.from(Map.of("ROUTER_EVENTS_RETENTION", "P90D")).eventsRetention())
                .isEqualTo(Duration.ofDays(90));
        assertThat(RouterConfig.from(Map.of("ROUTER_EVENTS_RETENTION", "forever")).eventsRetention())
                .isEqualTo(RouterConfig.NEVER);
    }

    @ParameterizedTest
    @CsvSource({",127.0.0.1,127.0.0.1:81", ",::1,[::1]:81", "router-1,0.0.0.0,router-1:81",
            "router-1:82,0.0.0.0,router-1:82", "[fd00::1],::,[fd00::1]:81", "[fd00::1]:82,::,[fd00::1]:82"})
    void theAnnouncedAddressIsReachableForEdges(@Nullable String address, String host, String announced) {
        assertThat(new LinkConfig(address, null).announcedAddress(host, 81)).isEqualTo(announced);
    }

    @Test
    void aRouterOnAWildcardAddressAnnouncesItsOwnAddress() throws Exception {
        var announced = new LinkConfig(null, null).announcedAddress("0.0.0.0", 81);
        var address = InetAddress.getByName(announced.substring(0, announced.lastIndexOf(':')));
        assertThat(announced).endsWith(":81");
        assertThat(address.isAnyLocalAddress()).isFalse();
        assertThat(NetworkInterface.getByInetAddress(address)).isNotNull();
    }

    @Test
    void onANetworkAddressASecretIsRequiredUnlessTheLinkIsOpen() {
        assertThatThrownBy(() -> RouterConfig.from(Map.of("ROUTER_HOST", "0.0.0.0")))
                .hasMessageContainingAll("ROUTER_LINK_SECRET", "EDGE_ROUTER_SECRET", "ROUTER_LINK_OPEN=yes");
        var open = RouterConfig.from(Map.of("ROUTER_HOST", "0.0.0.0", "ROUTER_LINK_OPEN", "yes"));
        assertThat(open.link().secret()).isNull();
        assertThat(open.isLinkGuarded()).isFalse();
        assertThat(RouterConfig.from(Map.of("ROUTER_HOST", "0.0.0.0", "ROUTER_LINK_SECRET", "of-sixteen-letters"))
                .isLinkGuarded()).isTrue();
        assertThat(RouterConfig.from(Map.of()).isLinkGuarded()).isTrue();
        assertThat(RouterConfig.from(Map.of("ROUTER_HOST", "0.0.0.0", "ROUTER_LINK_SECRET", "of-sixteen-letters"))
                .link().secret()).isNotNull();
    }

    @Test
    void aToolThatOnlyCreatesTopicsNeedsNoSecret() {
        assertThat(RouterConfig.ofTopics(Map.of("ROUTER_HOST", "0.0.0.0", "ROUTER_PARTITIONS", "3")).partitions())
                .isEqualTo(3);
    }

    @Test
    void theLinkSecretIsNotPrinted() {
        var config = RouterConfig.from(Map.of("ROUTER_LINK_SECRET", "of-sixteen-letters"));
        assertThat(config.link().secret()).isEqualTo("of-sixteen-letters");
        assertThat(config.toString()).doesNotContain("sixteen");
    }

    @ParameterizedTest
    @CsvSource({"ROUTER_PARTITIONS,0", "ROUTER_PARTITIONS,many", "ROUTER_PARTITIONS,99999999999",
            "ROUTER_REPLICATION,0", "ROUTER_SESSION_TIMEOUT,6s",
            "ROUTER_SESSION_TIMEOUT,PT0S", "ROUTER_PORT,65536", "ROUTER_PORT,-1",
            "ROUTER_FORGET_AFTER,PT23H", "ROUTER_FORGET_AFTER,ever", "ROUTER_FORGET_AFTER,30",
            "ROUTER_LINK_SECRET,short", "ROUTER_LINK_ADDRESS,a b", "ROUTER_LINK_ADDRESS,http://router",
            "ROUTER_EVENTS_RETENTION,never", "ROUTER_EVENTS_RETENTION,PT5M"})
    void anErrorNamesTheVariable(String name, String value) {
        assertThatThrownBy(() -> RouterConfig.from(Map.of(name, value))).isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining(name);
    }
}
