package io.rejoin.contracts.replay;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.JsonText;
import io.rejoin.contracts.UserId;
import org.jspecify.annotations.Nullable;

/** A message as history keeps it; the fields as in the event it came from, and read as there. */
@JsonPropertyOrder({"seq", "user", "id", "text", "data", "ts"})
public record StoredMessage(long seq, UserId user, @Nullable String id, @JsonIgnore Content content, long ts) {
    @JsonCreator
    static StoredMessage of(@JsonProperty("seq") long seq, @JsonProperty("user") UserId user,
            @JsonProperty("id") @Nullable String id, @JsonProperty("text") @Nullable String text,
            @JsonProperty("data") @Nullable JsonText data, @JsonProperty("ts") long ts) {
        return new StoredMessage(seq, user, id, new Content(text, data), ts);
    }

    @JsonProperty
    @Nullable
    String text() {
        return content.text();
    }

    @JsonProperty
    @Nullable
    JsonText data() {
        return content.data();
    }
}
