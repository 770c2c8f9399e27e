package io.rejoin.contracts;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;

/** The id of one WebSocket connection. An edge draws it at random; it is unique over all edges and never reused. */
public record ConnectionId(String value) implements Comparable<ConnectionId> {
    public ConnectionId {
        Names.check("a connection's id", value, 64);
    }

    @JsonCreator
    public static ConnectionId of(String value) {
        return new ConnectionId(value);
    }

    @JsonValue
    @Override
    public String value() {
        return value;
    }

    @Override
    public int compareTo(ConnectionId other) {
        return value.compareTo(other.value);
    }
}
