package io.rejoin.contracts.replay;

import com.fasterxml.jackson.core.JacksonException;
import io.rejoin.contracts.Json;
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

    private ReplayCodec() {}

    public static byte[] write(ReplayPage page) {
        try {
            return Json.MAPPER.writeValueAsBytes(page);
        } catch (JacksonException e) {
            throw new IllegalStateException("a page of ours has no JSON", e);
        }
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
