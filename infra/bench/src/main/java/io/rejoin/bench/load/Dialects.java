package io.rejoin.bench.load;

import java.util.Map;
import java.util.TreeMap;

/** The protocols that the generator speaks, by name. */
public final class Dialects {
    /** Rejoin's own protocol; the small servers on Node's {@code ws} speak it too. */
    public static final String JSON = "json";

    public static final String SOCKET_IO = "socketio";
    public static final String CENTRIFUGE = "centrifuge";

    private static final Map<String, Dialect> ALL = new TreeMap<>(
            Map.of(JSON, new JsonDialect(), SOCKET_IO, new SocketIoDialect(), CENTRIFUGE, new CentrifugeDialect()));

    private Dialects() {}

    static Dialect named(String name) {
        var dialect = ALL.get(name);
        if (dialect == null)
            throw new IllegalArgumentException("unknown dialect " + name + "; the dialects are " + ALL.keySet());
        return dialect;
    }
}
