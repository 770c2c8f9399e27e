package io.rejoin.contracts.replay;

import io.rejoin.contracts.Json;
import io.rejoin.contracts.JsonWriter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** JSON codec of the replay API, for the history service and the edges. Safe for any thread. */
public final class ReplayCodec {
    /** The path of the replay endpoint. Query parameters: {@code room, epoch, after, to, before, limit, wait_ms}. */
    public static final String PATH = "/v1/messages";
    /**
     * The path of the endpoint that returns the installation of a history service. It requires the same secret as the
     * replay endpoint.
     */
    public static final String INSTALLATION_PATH = "/v1/installation";
    /** The path prefix of the endpoint that erases a user's messages; {@code tenant/user} follows. */
    public static final String USERS_PATH = "/v1/users/";
    /**
     * Header of every answer below {@code /v1}: the number of finished erasures. When it grows, the edge must read
     * again what it has cached.
     */
    public static final String ERASURES_HEADER = "Rejoin-Erasures";
    /**
     * Header of every answer below {@code /v1}: the id of the topic {@code rejoin.events} from which the messages come.
     */
    public static final String INSTALLATION_HEADER = "Rejoin-Installation";
    /** Maximum size of the messages in a page, in bytes. A page with a single message may be larger. */
    public static final int PAGE_BYTES = 1024 * 1024;
    /** Maximum number of messages in a page. */
    public static final int MAX_PAGE = 500;

    /** Approximate size of a message's JSON without its content, in bytes. */
    private static final int BYTES_WITHOUT_CONTENT = 120;

    private ReplayCodec() {}

    /** Writes the JSON of a page; without Jackson, because the contents are JSON already. */
    public static byte[] write(ReplayPage page) {
        var bytes = BYTES_WITHOUT_CONTENT;
        for (var message : page.messages()) bytes += BYTES_WITHOUT_CONTENT + message.content().length();
        var json = new JsonWriter(bytes);
        json.raw("{\"room\":").string(page.room().key()).raw(",\"epoch\":").number(page.epoch()).raw(",\"head\":")
                .number(page.head()).raw(",\"messages\":[");
        for (var i = 0; i < page.messages().size(); i++) {
            if (i > 0) json.raw(",");
            write(page.messages().get(i), json);
        }
        json.raw("]");
        if (page.next() != null) json.raw(",\"next\":").number(page.next());
        return json.raw("}").bytes();
    }

    private static void write(StoredMessage message, JsonWriter json) {
        json.raw("{\"seq\":").number(message.seq()).raw(",\"user\":").string(message.user().key());
        if (message.id() != null) json.raw(",\"id\":").string(message.id());
        json.raw(",").member(message.content()).raw(",\"ts\":").number(message.ts());
        if (message.erased() != null) json.raw(",\"erased\":").raw(message.erased().toString());
        json.raw("}");
    }

    /**
     * Reads the JSON of a page.
     *
     * @throws IOException if the bytes are not a page; then the answer is not from a history service
     */
    public static ReplayPage read(byte[] json) throws IOException {
        @Nullable
        ReplayPage page = Json.MAPPER.readValue(json, ReplayPage.class);
        if (page == null) throw new IOException("the JSON value is null");
        return page;
    }
}
