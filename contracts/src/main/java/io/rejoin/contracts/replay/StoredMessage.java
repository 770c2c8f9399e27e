package io.rejoin.contracts.replay;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.UserId;
import org.jspecify.annotations.Nullable;

/**
 * A message that history has stored. The fields, and their JSON, are as in the event
 * {@link io.rejoin.contracts.log.Event.MessagePosted}.
 *
 * @param erased true if the poster was erased, or the user who received it as a direct message. Then the text is empty
 *               and the user is a placeholder
 */
public record StoredMessage(long seq, UserId user, @Nullable String id, @JsonIgnore Content content, long ts,
        @Nullable Boolean erased) {
    /** Creates a message that was not erased. */
    public StoredMessage(long seq, UserId user, @Nullable String id, Content content, long ts) {
        this(seq, user, id, content, ts, null);
    }

    @JsonCreator
    static StoredMessage of(@JsonProperty("seq") long seq, @JsonProperty("user") UserId user,
            @JsonProperty("id") @Nullable String id, @JsonProperty("text") @Nullable String text,
            @JsonProperty("data") @Nullable JsonText data, @JsonProperty("ts") long ts,
            @JsonProperty("erased") @Nullable Boolean erased) {
        return new StoredMessage(seq, user, id, Content.of(text, data), ts, erased);
    }
}
