package io.rejoin.contracts.replay;

import com.fasterxml.jackson.annotation.JsonUnwrapped;
import io.rejoin.contracts.Content;
import io.rejoin.contracts.UserId;
import org.jspecify.annotations.Nullable;

/** A message as history keeps it; the fields as in the event it came from. */
public record StoredMessage(long seq, UserId user, @Nullable String id, @JsonUnwrapped Content content, long ts) {}
