package io.rejoin.contracts.replay;

import io.rejoin.contracts.Json;
import io.rejoin.contracts.JsonWriter;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/** JSON of the replay API, for the service that answers and the edge that asks. Safe for any thread. */
public final class ReplayCodec {
    /** The path of the replay endpoint; query parameters {@code room, epoch, after, to, before, limit, wait_ms}. */
    public static final String PATH = "/v1/messages";
    /** The path of the endpoint that tells which installation a history is of; it asks for the same secret as the pages. */
    public static final String INSTALLATION_PATH = "/v1/installation";
    /** Below it, {@code tenant/user}: a user whose messages are erased. */
    public static final String USERS_PATH = "/v1/users/";
    /** With each answer below {@code /v1}, how many erasures are done: when it grows, what was read before is to be read again. */
    public static final String ERASURES_HEADER = "Rejoin-Erasures";
    /** With each answer below {@code /v1}: the id of the topic {@code rejoin.events} that the messages come from. */
    public static final String INSTALLATION_HEADER = "Rejoin-Installation";
    /** Most bytes in a page, but for what surrounds its messages; a page of a single message may have more. */
    public static final int PAGE_BYTES = 1024 * 1024;
    /** Most messages in a page. */
    public static final int MAX_PAGE = 500;

    /** About what the JSON of a message takes beside its content, in bytes. */
    private static final int ABOUT = 120;

    private ReplayCodec() {}

    /** The JSON of a page. By hand, since what messages say is JSON already. */
    public static byte[] write(ReplayPage page) {
        var bytes = ABOUT;
        for (var message : page.messages()) bytes += ABOUT + message.content().length();
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
     * Reads a page.
     *
     * @throws IOException when the bytes are no page: the answer did not come from a history service
     */
    public static ReplayPage read(byte[] json) throws IOException {
        @Nullable
        ReplayPage page = Json.MAPPER.readValue(json, ReplayPage.class);
        if (page == null) throw new IOException("the JSON value is null");
        return page;
    }
}
