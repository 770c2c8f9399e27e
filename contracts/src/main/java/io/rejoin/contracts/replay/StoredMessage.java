package io.rejoin.contracts.replay;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.UserId;
import org.jspecify.annotations.Nullable;

/**
 * A message as history keeps it; the fields as in the event it came from, and read as there.
 *
 * @param erased true where its user, or whoever it was for, was erased: the text is empty then, and the user nobody
 */
public record StoredMessage(long seq, UserId user, @Nullable String id, @JsonIgnore Content content, long ts,
        @Nullable Boolean erased) {
    /** One that is as it was posted. */
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
